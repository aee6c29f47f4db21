# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""tools | up | renew | gvisor | down | status: what `make cluster-*` calls."""

from __future__ import annotations

import argparse
import os
import time

from gabion_cluster import engine, gvisor, nodechoice, settings, tools
from gabion_cluster.kindcluster import Cluster
from gabion_cluster.shell import Refusal, exclusive, fail, run, say


def the_cluster() -> Cluster:
    return Cluster(engine.system(), settings.CLUSTER_NAME, settings.HERE / "kind.yaml", settings.home())


def build_tools(_: argparse.Namespace) -> None:
    tools.ensure_machine_tools()
    say(f"  programs: {settings.home() / 'bin'} ({', '.join(tools.MACHINE_TOOLS)})")


def up(_: argparse.Namespace) -> None:
    cluster = the_cluster()
    tools.ensure_machine_tools()
    engine.ensure(cluster.engine)
    cluster.up(nodechoice.ensure(cluster.engine))
    say(f"  cluster is up: export KUBECONFIG={cluster.kubeconfig} PATH={settings.home() / 'bin'}:$PATH")


def renew(arguments: argparse.Namespace) -> None:
    """Whatever an earlier run left in the cluster must not decide the next one's tests."""
    cluster = the_cluster()
    engine.ensure(cluster.engine)
    cluster.down()
    up(arguments)


def with_gvisor(_: argparse.Namespace) -> None:
    gvisor.ensure(the_cluster())


def down(_: argparse.Namespace) -> None:
    cluster = the_cluster()
    if not cluster.engine.answers():
        say("  no container engine answers: nothing to take down")
        return
    cluster.down()
    say("  cluster is gone; the engine, the built programs and the images stay for the next time")


def status(_: argparse.Namespace) -> int:
    cluster = the_cluster()
    if not cluster.engine.answers():
        say("  engine: does not answer (make cluster-up starts it)")
        return 1
    say(f"  engine: running, default runtime {cluster.engine.default_runtime()}")
    nodes = cluster.nodes()
    for node in nodes:
        say(f"  node {node.name}: container {'running' if node.running else 'stopped'}")
    if not nodes:
        say(f"  cluster {cluster.name}: none (make cluster-up creates it)")
        return 1
    if cluster.record() is None:
        say(f"  cluster {cluster.name}: half created (make cluster-up makes it anew)")
        return 1
    missing = cluster.not_ready() or cluster.system_pods_missing()
    if missing:
        say(f"  cluster {cluster.name}: {missing} (make cluster-up repairs it)")
        return 1
    say(run(cluster.kubectl, "--kubeconfig", cluster.kubeconfig, "get", "nodes", "-o", "wide").stdout.rstrip())
    say(f"  cluster {cluster.name}: up, kubeconfig {cluster.kubeconfig}")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="e2e/cluster/cluster", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, action, text in (
        ("tools", build_tools, "build kube-apiserver, etcd, kubectl, kind and helm into $GABION_HOME/bin"),
        ("up", up, "bring the cluster up, whatever state it is in"),
        ("renew", renew, "take the cluster away if there is one, and bring up a new one"),
        ("gvisor", with_gvisor, "give one worker gVisor and the cluster a RuntimeClass for it"),
        ("down", down, "remove the cluster"),
        ("status", status, "say what there is"),
    ):
        commands.add_parser(name, help=text).set_defaults(action=action)
    arguments = parser.parse_args()
    began = time.monotonic()
    os.environ.pop("GOFLAGS", None)
    tools.put_go_on_path()
    try:
        if arguments.action is status:
            return status(arguments)
        with exclusive(settings.home() / "lock"):
            code = arguments.action(arguments)
        say(f"  {time.monotonic() - began:.1f} s")
        return code or 0
    except Refusal as refusal:
        return fail(refusal)
    except KeyboardInterrupt:
        return 130
