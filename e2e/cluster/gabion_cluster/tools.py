# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Programs of the cluster, built from Go modules whose go.mod and go.sum are committed (tools/*).

A program is kept under $GABION_HOME/store/tool-NAME-HASH, HASH being that of all its inputs, and offered under the
stable name $GABION_HOME/bin/NAME.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from gabion_cluster import settings
from gabion_cluster.shell import Refusal, digest, run, say, step

STRIP = "-s -w"


@dataclass(frozen=True)
class Tool:
    name: str
    module: str  # folder below tools/
    package: str
    ldflags: str = STRIP
    tags: str = ""
    cgo: bool = False


def kubernetes_ldflags(version: str) -> str:
    """What Kubernetes' own build stamps into its programs: kubeadm and kubelet compare these versions."""
    major, minor = re.fullmatch(r"v(\d+)\.(\d+)\.\d+", version).groups()
    base = "k8s.io/component-base/version"
    return (
        f"{STRIP} -X {base}.gitVersion={version} -X {base}.gitMajor={major} -X {base}.gitMinor={minor}"
        f" -X {base}.gitTreeState=clean -X k8s.io/client-go/pkg/version.gitVersion={version}"
    )


def helm_ldflags(helm: str, kubernetes: str) -> str:
    """Without these helm takes its cluster for one of Kubernetes 1.20 when it renders without asking one."""
    major, minor = re.fullmatch(r"v(\d+)\.(\d+)\.\d+", kubernetes).groups()
    base = "helm.sh/helm/v3/pkg"
    version = f"-X helm.sh/helm/v3/internal/version.version={helm} -X helm.sh/helm/v3/internal/version.metadata="
    places = (f"{base}/chartutil", f"{base}/lint/rules")
    return f"{STRIP} {version} " + " ".join(f"-X {p}.k8sVersionMajor={major} -X {p}.k8sVersionMinor={minor}" for p in places)


def catalogue(versions: dict[str, str]) -> list[Tool]:
    kubernetes = kubernetes_ldflags(versions["KUBERNETES_VERSION"])
    no_drivers = "no_aufs,no_zfs,no_btrfs,no_devmapper"
    containerd = "github.com/containerd/containerd/v2/cmd"
    cni = "github.com/containernetworking/plugins/plugins"
    return [
        # what tests of other modules wait for comes first
        Tool("kube-apiserver", "kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver", kubernetes),
        Tool("etcd", "etcd", "go.etcd.io/etcd/server/v3"),
        Tool("kubectl", "kubernetes", "k8s.io/kubernetes/cmd/kubectl", kubernetes),
        Tool("kind", "kind", "sigs.k8s.io/kind"),
        Tool("helm", "helm", "helm.sh/helm/v3/cmd/helm", helm_ldflags(versions["HELM_VERSION"], versions["KUBERNETES_VERSION"])),
        *(
            Tool(name, "kubernetes", f"k8s.io/kubernetes/cmd/{name}", kubernetes)
            for name in ("kubelet", "kubeadm", "kube-controller-manager", "kube-scheduler", "kube-proxy")
        ),
        Tool("coredns", "coredns", "github.com/coredns/coredns"),
        Tool("local-path-provisioner", "local-path-provisioner", "github.com/rancher/local-path-provisioner"),
        *(
            Tool(name, "containerd", f"{containerd}/{name}", tags=no_drivers)
            for name in ("containerd", "containerd-shim-runc-v2", "ctr")
        ),
        Tool("runc", "runc", "github.com/opencontainers/runc", tags="seccomp", cgo=True),
        *(
            Tool(f"cni-{path.split('/')[1]}", "cni", f"{cni}/{path}")
            for path in ("ipam/host-local", "main/bridge", "main/loopback", "main/ptp", "meta/portmap")
        ),
    ]


# What a machine needs that pulls the stock node image; the rest goes into a built one.
MACHINE_TOOLS = ("kube-apiserver", "etcd", "kubectl", "kind", "helm")
# The part of them that a cluster needs; the others are for tests against an API server without nodes.
CLUSTER_TOOLS = ("kubectl", "kind", "helm")


def key(tool: Tool, go_version: str, arch: str) -> str:
    module = settings.HERE / "tools" / tool.module
    return digest(repr(tool), go_version, arch, module / "go.mod", module / "go.sum")


def put_go_on_path() -> None:
    """A Go that fits is found in the usual folders too: packages of one version of it are in no folder of PATH."""
    found = run(settings.HERE.parent / "find-go.sh", check=False)
    if found.returncode == 0:
        os.environ["PATH"] = found.stdout.strip() + os.pathsep + os.environ.get("PATH", "")


def go_version() -> str:
    found = run("go", "env", "GOVERSION", check=False) if shutil.which("go") else None
    if found is None or found.returncode != 0:
        raise Refusal(
            "Go 1.26 or newer is needed to build the cluster's programs and is not on PATH: "
            "install it from your distribution or from the Go project"
        )
    version = found.stdout.strip()
    numbers = re.match(r"go(\d+)\.(\d+)", version)
    if not numbers or (int(numbers[1]), int(numbers[2])) < (1, 26):
        raise Refusal(f"Go 1.26 or newer is needed to build the cluster's programs; found {version}")
    return version


def ensure_machine_tools() -> None:
    """Builds the machine's tools, or where there is no fitting Go takes those that are installed."""
    try:
        go_version()
    except Refusal as no_go:
        adopt(settings.home() / "bin", os.environ.get("PATH", ""), no_go)
    else:
        build_all(MACHINE_TOOLS)


def adopt(bin_dir: Path, path: str, no_go: Refusal) -> None:
    """Offers installed programs under the names below bin/; of what tests alone need it says that it is missing."""
    elsewhere = os.pathsep.join(folder for folder in path.split(os.pathsep) if Path(folder).absolute() != bin_dir)
    found = {name: shutil.which(name, path=elsewhere) for name in MACHINE_TOOLS}
    missing = [name for name in MACHINE_TOOLS if not found[name] and not (bin_dir / name).exists()]
    needed = [name for name in missing if name in CLUSTER_TOOLS]
    if needed:
        raise Refusal(f"{no_go}. Without it these have to be installed: {', '.join(needed)}")
    bin_dir.mkdir(parents=True, exist_ok=True)
    for name, program in found.items():
        if program:
            place(bin_dir, name, os.path.realpath(program))
    taken = [name for name in MACHINE_TOOLS if found[name]]
    say(f"  no Go 1.26 here: taken from this machine as they are: {', '.join(taken) or 'none, all were there before'}")
    if missing:
        say(f"  not here, and needed by the tests against an API server: {', '.join(missing)}")


def build_all(names: tuple[str, ...] | None = None) -> dict[str, str]:
    """Builds what is missing; answers name -> key of every tool asked for."""
    home, arch, go = settings.home(), settings.architecture(), go_version()
    store, bin_dir = home / "store", home / "bin"
    wanted = [t for t in catalogue(settings.versions()) if names is None or t.name in names]
    keys = {tool.name: key(tool, go, arch) for tool in wanted}
    missing = [tool for tool in wanted if not (store / f"tool-{tool.name}-{keys[tool.name]}" / tool.name).exists()]
    if missing:
        say(f"  {len(missing)} of {len(wanted)} programs have to be built with {go} for {arch}")
    bin_dir.mkdir(parents=True, exist_ok=True)
    for number, tool in enumerate(missing, 1):
        with step(f"{tool.name} ({number} of {len(missing)})"):
            build(tool, store / f"tool-{tool.name}-{keys[tool.name]}", arch)
        link(bin_dir, store, tool.name, keys[tool.name])
    for tool in wanted:
        link(bin_dir, store, tool.name, keys[tool.name])
        prune(store, f"tool-{tool.name}-", keys[tool.name])
    return keys


def build(tool: Tool, target: Path, arch: str) -> None:
    work = target.with_name(f".{target.name}.new")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    command = ["go", "build", "-trimpath", "-mod=readonly", "-buildvcs=false", "-ldflags", tool.ldflags]
    if tool.tags:
        command += ["-tags", tool.tags]
    run(
        *command,
        "-o",
        work / tool.name,
        tool.package,
        cwd=settings.HERE / "tools" / tool.module,
        env={"CGO_ENABLED": "1" if tool.cgo else "0", "GOARCH": arch, "GOFLAGS": "", "GOWORK": "off"},
    )
    shutil.rmtree(target, ignore_errors=True)
    work.rename(target)


def link(bin_dir: Path, store: Path, name: str, tool_key: str) -> None:
    place(bin_dir, name, os.path.relpath(store / f"tool-{name}-{tool_key}" / name, bin_dir))


def place(bin_dir: Path, name: str, goal: str) -> None:
    there = bin_dir / name
    if there.is_symlink() and os.readlink(there) == goal:
        return
    fresh = bin_dir / f".{name}.new"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(goal)
    fresh.rename(there)


def prune(store: Path, prefix: str, keep: str) -> None:
    """Removes older versions of one thing; a key is 16 hexadecimal digits, so `runc-` never takes `runc-x-`."""
    for entry in stale(prefix, keep, [path.name for path in store.iterdir()]):
        path = store / entry
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def stale(prefix: str, keep: str, names: list[str]) -> list[str]:
    pattern = re.compile(re.escape(prefix) + r"([0-9a-f]{16})(\..*)?")
    return [name for name in names if (match := pattern.fullmatch(name)) and match[1] != keep]
