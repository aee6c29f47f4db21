# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""gVisor as a second way to run pods on one worker: `make cluster-gvisor`, docs/developing/gvisor.md.

Its programs are not among tools.catalogue(), whose hash names the node image: a cluster need not be made anew for them.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from gabion_cluster import settings, tools
from gabion_cluster.kindcluster import Cluster, Node
from gabion_cluster.shell import Refusal, digest, run, say, step, wait_until

HANDLER = "gvisor"
LABEL = "gabion.dev/gvisor"
FILES = settings.HERE / "gvisor"
MODULE = settings.HERE / "tools" / "gvisor"
CONFIG = "/etc/containerd/config.toml"
MARK = "/etc/containerd/runsc/gabion-installed"
READY_SECONDS = 60

# The shim insists on an OOM score of -999 for itself, which takes CAP_SYS_RESOURCE: "failed to set OOM Score on shim".
# containerd forgives the refusal to a process in a user namespace; here it forgives it to anybody.
PATCHED_MODULE = "github.com/containerd/containerd/v2"
PATCHED_FILE = "pkg/sys/oom_linux.go"
PATCHES = (
    ("os.IsPermission(err) && (!runningPrivileged() || userns.RunningInUserNS())", "os.IsPermission(err)"),
    ('\t"github.com/moby/sys/userns"\n', ""),
)

VERSION = re.search(r"gvisor\.dev/gvisor (v\S+)", (MODULE / "go.mod").read_text())[1]
RUNSC = tools.Tool(
    "runsc", "gvisor", "gvisor.dev/gvisor/runsc", f"{tools.STRIP} -X gvisor.dev/gvisor/runsc/version.version={VERSION}"
)
SHIM = tools.Tool("containerd-shim-runsc-v1", "gvisor", "gvisor.dev/gvisor/shim")


def patched(text: str) -> str:
    for before, after in PATCHES:
        if text.count(before) != 1:
            raise Refusal(f"{PATCHED_MODULE}/{PATCHED_FILE} has changed: look at PATCHES in {Path(__file__).name}")
        text = text.replace(before, after)
    return text


def programs() -> dict[str, Path]:
    """runsc and its shim, built where they are missing."""
    store, arch, go = settings.home() / "store", settings.architecture(), tools.go_version()
    built = {}
    for tool in (RUNSC, SHIM):
        tool_key = digest(tools.key(tool, go, arch), repr(PATCHES) if tool is SHIM else "")
        target = store / f"tool-{tool.name}-{tool_key}"
        if not (target / tool.name).exists():
            with step(f"{tool.name} (gVisor)"):
                build_shim(target, arch) if tool is SHIM else tools.build(tool, target, arch)
        tools.prune(store, f"tool-{tool.name}-", tool_key)
        built[tool.name] = target / tool.name
    return built


def build_shim(target: Path, arch: str) -> None:
    environment = {"CGO_ENABLED": "0", "GOARCH": arch, "GOFLAGS": "", "GOWORK": "off"}
    run("go", "mod", "download", PATCHED_MODULE, cwd=MODULE, env=environment)
    found = run("go", "list", "-m", "-f", "{{.Dir}}", PATCHED_MODULE, cwd=MODULE, env=environment).stdout.strip()
    work = target.with_name(f".{target.name}.new")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="gabion-gvisor-") as folder:
        copy = Path(folder) / "containerd"
        shutil.copytree(found, copy)
        file = copy / PATCHED_FILE
        file.parent.chmod(0o755)
        file.chmod(0o644)
        file.write_text(patched(file.read_text()))
        # All modules but this one are still held to go.sum.
        (Path(folder) / "shim.mod").write_text((MODULE / "go.mod").read_text() + f"\nreplace {PATCHED_MODULE} => {copy}\n")
        shutil.copyfile(MODULE / "go.sum", Path(folder) / "shim.sum")
        run(
            "go", "build", "-trimpath", "-mod=readonly", "-modfile", Path(folder) / "shim.mod", "-buildvcs=false",
            "-ldflags", SHIM.ldflags, "-o", work / SHIM.name, SHIM.package, cwd=MODULE, env=environment,
        )  # fmt: skip
    shutil.rmtree(target, ignore_errors=True)
    work.rename(target)


def worker(nodes: list[Node]) -> Node:
    """The last worker, so that the first one shows what a cluster without gVisor does."""
    workers = [node for node in nodes if "control-plane" not in node.name]
    if not workers or not all(node.running for node in nodes):
        raise Refusal("the test cluster is not up; run: make cluster-up")
    return workers[-1]


def ensure(cluster: Cluster) -> None:
    node = worker(cluster.nodes())
    built = programs()
    mark = digest(FILES, *(path.parent.name for path in built.values()))
    Installation(cluster, node.name).ensure(built, mark)


class Installation:
    """gVisor on one node of one cluster."""

    def __init__(self, cluster: Cluster, node: str):
        self.cluster, self.node = cluster, node

    def ensure(self, built: dict[str, Path], mark: str) -> None:
        if self.inside("cat", MARK, check=False).stdout.strip() != mark:
            with step(f"gVisor: onto node {self.node}"):
                self.install(built, mark)
        self.kubectl("label", "--overwrite", "node", self.node, f"{LABEL}=true")
        self.kubectl("apply", "-f", FILES / "runtimeclass.yaml")
        say(f"  gVisor: RuntimeClass {HANDLER} on node {self.node}")

    def install(self, built: dict[str, Path], mark: str) -> None:
        self.inside("mkdir", "-p", str(Path(MARK).parent))
        self.inside("rm", "-f", MARK)
        for name, path in {**built, "runsc-in-slice": FILES / "runsc-in-slice"}.items():
            # Beside and then over: the old program may be running.
            self.cluster.engine.docker("cp", path, f"{self.node}:/usr/local/bin/.{name}.new", timeout=60)
            self.inside("mv", f"/usr/local/bin/.{name}.new", f"/usr/local/bin/{name}")
        self.cluster.engine.docker("cp", FILES / "runsc.toml", f"{self.node}:/etc/containerd/runsc/gvisor.toml")
        before = self.inside("cat", CONFIG).stdout
        after = with_handler(before, (FILES / "containerd.toml").read_text())
        if after != before:
            self.write(CONFIG, after)
            # Running pods have shims of their own and live on.
            self.inside("systemctl", "restart", "containerd")
            wait_until("the nodes are ready", self.cluster.not_ready, READY_SECONDS)
        self.write(MARK, mark)

    def write(self, place: str, text: str) -> None:
        client = [*self.cluster.engine.client(), "exec", "-i", self.node]
        run(*client, "sh", "-c", f"cat >{place}.new && mv {place}.new {place}", stdin=text.encode(), timeout=30)

    def inside(self, *words: str, check: bool = True):
        return self.cluster.engine.docker("exec", self.node, *words, check=check, timeout=60)

    def kubectl(self, *words: str | Path) -> None:
        run(self.cluster.kubectl, "--kubeconfig", self.cluster.kubeconfig, *words, timeout=30)


def with_handler(config: str, block: str) -> str:
    """containerd's settings with our block as their end, whatever it was there before."""
    head = config.split("\n" + block.strip().splitlines()[0])[0].rstrip("\n")
    return head + "\n" + block
