# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""The cluster: what there is, what to do about it, doing it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from gabion_cluster import nodeimage, settings
from gabion_cluster.engine import Engine, lacking_here
from gabion_cluster.shell import Refusal, digest, run, say, step, wait_until

LABEL = "io.x-k8s.kind.cluster"
SYSTEM_NAMESPACES = ("kube-system", "local-path-storage")
CREATE_SECONDS = 300
OOM_SCORE = """containerdConfigPatches:
- |-
  [plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
"""
READY_SECONDS = 180
RESTART_SECONDS = 90


class Action(Enum):
    NOTHING = "nothing"
    CREATE = "create"
    START = "start"
    RECREATE = "recreate"


@dataclass(frozen=True)
class Node:
    name: str
    running: bool
    container: str = ""


@dataclass(frozen=True)
class Record:
    """What this harness wrote down when the cluster was complete: nothing else tells a half-created one apart."""

    inputs: str
    containers: tuple[str, ...]


def decide(nodes: list[Node], record: Record | None, inputs: str, reachable: bool) -> tuple[Action, str]:
    """What brings the cluster up, and why. Pure."""
    if not nodes:
        return Action.CREATE, "there is none"
    if record is None:
        return Action.RECREATE, f"its creation never ended ({len(nodes)} node containers are left of it)"
    if set(record.containers) != {node.container for node in nodes}:
        return Action.RECREATE, "its node containers are not those that were created"
    if record.inputs != inputs:
        return Action.RECREATE, "its node image or settings have changed"
    stopped = [node.name for node in nodes if not node.running]
    if stopped:
        return Action.START, f"stopped: {', '.join(stopped)}"
    if not reachable:
        return Action.START, "its API server does not answer or a node is not ready"
    return Action.NOTHING, "it is up"


def settings_for(config: str, image: str, lacking: set[str]) -> str:
    """kind's settings; where nobody may lower an OOM score a stock image is told so, as a built one has been already."""
    if "CAP_SYS_RESOURCE" not in lacking or image.startswith(f"{nodeimage.REPOSITORY}:"):
        return config
    return config + OOM_SCORE


def unavailable(deployments: list[str]) -> list[str]:
    """Of deployments as NAMESPACE/NAME=WANTED/AVAILABLE, the cluster's own that lack a pod: what users run in it is theirs."""
    counts = dict(word.split("=") for word in deployments)
    own = {name: count for name, count in counts.items() if name.split("/")[0] in SYSTEM_NAMESPACES}
    lacking = [name.split("/")[1] for name, count in own.items() if len(set(count.split("/"))) != 1]
    return lacking if own else ["DNS and storage"]


class Cluster:
    def __init__(self, engine: Engine, name: str, config: Path, home: Path):
        self.engine, self.name, self.config, self.home = engine, name, config, home
        self.kubeconfig = home / "kubeconfig" if name == settings.CLUSTER_NAME else home / f"kubeconfig-{name}"
        self.record_file = home / "clusters" / f"{name}.json"
        self.kind = home / "bin" / "kind"
        self.kubectl = home / "bin" / "kubectl"

    # observe

    def nodes(self) -> list[Node]:
        listed = self.engine.docker(
            "ps", "--all", "--no-trunc", "--filter", f"label={LABEL}={self.name}", "--format", "{{.Names}} {{.State}} {{.ID}}"
        ).stdout
        found = [line.split() for line in listed.splitlines()]
        return sorted((Node(name, state == "running", ident) for name, state, ident in found), key=lambda n: n.name)

    def record(self) -> Record | None:
        try:
            data = json.loads(self.record_file.read_text())
            return Record(data["inputs"], tuple(data["containers"]))
        except (FileNotFoundError, ValueError, KeyError):
            return None

    def inputs(self, image: str) -> str:
        ident = self.engine.docker("image", "inspect", "--format", "{{.Id}}", image).stdout.strip()
        return digest(self.kind_settings(image), ident)

    def kind_settings(self, image: str) -> str:
        return settings_for(self.config.read_text(), image, lacking_here())

    def not_ready(self) -> str | None:
        """What keeps the cluster from being usable; None when nothing does."""
        answer = run(
            self.kubectl, "--kubeconfig", self.kubeconfig, "--request-timeout=5s", "get", "nodes",
            "-o", 'jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status} {end}',
            check=False, timeout=15,
        )  # fmt: skip
        if answer.returncode != 0:
            return (answer.stderr.strip().splitlines() or ["the API server does not answer"])[-1]
        waiting = [word for word in answer.stdout.split() if not word.endswith("=True")]
        return f"not ready: {', '.join(word.split('=')[0] for word in waiting)}" if waiting else None

    def system_pods_missing(self) -> str | None:
        """DNS and storage are what comes up last, and the first thing that users of the cluster need."""
        answer = run(
            self.kubectl, "--kubeconfig", self.kubeconfig, "get", "deployments", "--all-namespaces", "-o",
            "jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name}={.spec.replicas}/{.status.availableReplicas} {end}",
            check=False, timeout=15,
        )  # fmt: skip
        if answer.returncode != 0:
            return answer.stderr.strip()[-200:]
        waiting = unavailable(answer.stdout.split())
        return f"not available: {', '.join(waiting)}" if waiting else None

    # act

    def up(self, image: str) -> None:
        nodes, inputs = self.nodes(), self.inputs(image)
        all_running = bool(nodes) and all(node.running for node in nodes)
        reachable = all_running and self.not_ready() is None
        action, why = decide(nodes, self.record(), inputs, reachable)
        if action is Action.NOTHING:
            return
        say(f"  cluster {self.name}: {action.value} ({why})")
        if action is Action.START:
            try:
                self.start(nodes)
                return
            except Refusal as refusal:
                say(f"  cluster {self.name}: recreate ({refusal})")
                action = Action.RECREATE
        if action is Action.RECREATE:
            self.down()
        try:
            self.create(image, inputs)
        except Refusal as refusal:
            # A creation that was killed can leave a container that the engine finishes only now, in our way.
            say(f"  cluster {self.name}: once more ({refusal})")
            self.down()
            self.create(image, inputs)

    def start(self, nodes: list[Node]) -> None:
        """After an engine's restart the node containers are there, stopped; they start as a machine boots."""
        with step(f"cluster {self.name}: starting its nodes again"):
            stopped = [node.name for node in nodes if not node.running]
            if stopped:
                self.engine.docker("start", *stopped, timeout=60)
            self.export_kubeconfig()
            wait_until("the nodes are ready", self.not_ready, RESTART_SECONDS)
            wait_until("DNS and storage are available", self.system_pods_missing, RESTART_SECONDS)

    def create(self, image: str, inputs: str) -> None:
        with step(f"cluster {self.name}: kind create cluster"):
            run(
                self.kind, "create", "cluster", "--name", self.name, "--image", image, "--config", "-",
                "--kubeconfig", self.kubeconfig, "--retain", timeout=CREATE_SECONDS, env=self.engine.env,
                stdin=self.kind_settings(image).encode(),
            )  # fmt: skip
        with step(f"cluster {self.name}: nodes ready, DNS and storage available"):
            wait_until("the nodes are ready", self.not_ready, READY_SECONDS)
            wait_until("DNS and storage are available", self.system_pods_missing, READY_SECONDS)
        self.record_file.parent.mkdir(parents=True, exist_ok=True)
        written = {"inputs": inputs, "image": image, "containers": [node.container for node in self.nodes()]}
        part = self.record_file.with_suffix(".new")
        part.write_text(json.dumps(written, indent=2))
        part.rename(self.record_file)

    def export_kubeconfig(self) -> None:
        run(self.kind, "export", "kubeconfig", "--name", self.name, "--kubeconfig", self.kubeconfig, env=self.engine.env)

    def down(self) -> None:
        # First the record: from here on whatever is left is a ruin.
        self.record_file.unlink(missing_ok=True)
        while nodes := self.nodes():
            with step(f"cluster {self.name}: removing {len(nodes)} nodes"):
                self.engine.docker("rm", "--force", "--volumes", *(node.container for node in nodes), timeout=120)
            time.sleep(0.5)
        self.kubeconfig.unlink(missing_ok=True)
