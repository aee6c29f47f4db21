# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""The kind node image that is built here from Debian packages and Go modules.

It is called localhost/gabion/node:VERSION-HASH (HASH over everything that goes in) and kept twice: in the
engine's store, and as an archive below $GABION_HOME/store that survives a reset of the engine.
"""

from __future__ import annotations

import concurrent.futures
import os
import re
import shutil
import tempfile
from pathlib import Path

from gabion_cluster import settings, tools
from gabion_cluster.engine import Engine
from gabion_cluster.shell import Refusal, digest, pipe, run, say, step

PATH_ENV = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENTRYPOINT = 'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]'
DOCKERFILE = """FROM {base}
STOPSIGNAL SIGRTMIN+3
ENV container=docker
""" + PATH_ENV
NODE_PACKAGES = (
    "systemd,systemd-sysv,dbus,iproute2,iptables,nftables,ipset,kmod,procps,ca-certificates,conntrack,ethtool,socat,"
    "mount,util-linux,libseccomp2,jq"
)
NET_PACKAGES = "iptables,nftables,conntrack,iproute2,kmod,ca-certificates"
REPOSITORY = "localhost/gabion/node"
PODNET_IMAGE = "localhost/gabion/podnet:1"
STORAGE_HELPER_IMAGE = "localhost/gabion/storage-helper:1"


def kind_module() -> Path:
    module = settings.HERE / "tools" / "kind"
    run("go", "mod", "download", "sigs.k8s.io/kind", cwd=module, env={"GOFLAGS": "", "GOWORK": "off"})
    found = run("go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kind", cwd=module, env={"GOFLAGS": "", "GOWORK": "off"})
    return Path(found.stdout.strip())


def present(engine: Engine, image: str) -> bool:
    return engine.docker("image", "inspect", "--format", "{{.Id}}", image, check=False).returncode == 0


def built_name() -> tuple[str, Path]:
    """The name of the image that would be built here and now, and its archive."""
    tool_list, go, arch = tools.catalogue(settings.versions()), tools.go_version(), settings.architecture()
    keys = {tool.name: tools.key(tool, go, arch) for tool in tool_list}
    versions = settings.versions()
    inputs = digest(settings.HERE / "versions.env", settings.HERE / "node", Path(__file__), repr(sorted(keys.items())))
    name = f"{REPOSITORY}:{versions['KUBERNETES_VERSION']}-{inputs}"
    return name, settings.home() / "store" / f"node-image-{inputs}.tar"


def ensure_built(engine: Engine, image: str, archive: Path) -> None:
    if not present(engine, image):
        if archive.exists():
            with step(f"loading the node image from {archive}"):
                engine.docker("load", "--quiet", "--input", archive, timeout=300)
        if not present(engine, image):
            build(engine, image)
    if not archive.exists():
        with step(f"keeping the node image as {archive}"):
            part = archive.with_name("." + archive.name)
            engine.docker("save", "--output", part, image, timeout=300)
            part.rename(archive)
    tools.prune(archive.parent, "node-image-", archive.name.split("-")[-1].removesuffix(".tar"))
    listed = engine.docker("images", "--format", "{{.Repository}}:{{.Tag}}", REPOSITORY).stdout.split()
    for old in listed:
        if old != image:
            engine.docker("rmi", old, check=False)  # one that a running cluster uses is refused, and stays


def build(engine: Engine, image: str) -> None:
    if os.geteuid() != 0:
        raise Refusal("only root can build the node image (a Debian root with device nodes and owners); run as root")
    keys = tools.build_all()
    bases = debian_bases()
    programs = settings.home() / "bin"
    with tempfile.TemporaryDirectory(prefix="gabion-node-") as folder:
        Builder(engine, Path(folder), programs, bases).build(image, keys)


def debian_bases() -> dict[str, Path]:
    """The two Debian roots, made side by side: the node's own, and a small one for what handles packets."""
    suite, arch = settings.versions()["NODE_DEBIAN_SUITE"], settings.architecture()
    store = settings.home() / "store"
    store.mkdir(parents=True, exist_ok=True)
    wanted = {"node": NODE_PACKAGES, "net": NET_PACKAGES}
    keys = {name: digest(suite, arch, packages) for name, packages in wanted.items()}
    paths = {name: store / f"{name}-base-{keys[name]}.tar" for name in wanted}

    def make(name: str) -> None:
        part = paths[name].with_name("." + paths[name].name)
        run(
            "mmdebstrap", "--quiet", "--variant=minbase", f"--architectures={arch}", f"--include={wanted[name]}",
            "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*",
            "--dpkgopt=path-exclude=/usr/share/locale/*", suite, part, env={"SOURCE_DATE_EPOCH": "0"}, timeout=600,
        )  # fmt: skip
        part.rename(paths[name])

    missing = [name for name in wanted if not paths[name].exists()]
    if missing:
        with step(f"Debian {suite} for the node image ({', '.join(missing)}), by mmdebstrap"):
            with concurrent.futures.ThreadPoolExecutor() as pool:
                list(pool.map(make, missing))
    for name in wanted:
        tools.prune(store, f"{name}-base-", keys[name])
    return paths


class Builder:
    """One build of the node image; every image and container it makes on the way is removed again."""

    def __init__(self, engine: Engine, folder: Path, programs: Path, bases: dict[str, Path]):
        self.engine, self.folder, self.programs, self.bases = engine, folder, programs, bases
        self.made: list[str] = []

    def build(self, image: str, keys: dict[str, str]) -> None:
        try:
            with step("images that the cluster runs in its own pods"):
                preload = self.cluster_images()
            with step("node image"):
                self.node(image, preload)
        finally:
            for name in self.made:
                self.engine.docker("rmi", "--force", name, check=False)

    def cluster_images(self) -> list[str]:
        """The control plane under the names that kubeadm asks for; the names are kubeadm's, not ours."""
        version = settings.versions()["KUBERNETES_VERSION"]
        listed = run(self.programs / "kubeadm", "config", "images", "list", "--kubernetes-version", version).stdout.split()
        names = {name.rsplit("/", 1)[1].split(":")[0]: name for name in listed}
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler"):
            self.single(names[name], {name: f"usr/local/bin/{name}"})
        self.single(names["etcd"], {"etcd": "usr/local/bin/etcd"}, '"etcd"')
        self.single(names["coredns"], {"coredns": "coredns"}, '"/coredns"')
        pause = self.folder / "pause"
        run("gcc", "-Os", "-static", "-Wall", "-Wextra", "-Werror", "-o", pause, settings.HERE / "node" / "pause.c")
        self.single(names["pause"], {pause: "pause"}, '"/pause"')
        self.pause_image = names["pause"]
        provisioner = f"localhost/gabion/local-path-provisioner:{settings.versions()['LOCAL_PATH_PROVISIONER_VERSION']}"
        self.provisioner_image = provisioner
        self.single(provisioner, {"local-path-provisioner": "usr/bin/local-path-provisioner"})
        self.single(STORAGE_HELPER_IMAGE, {Path("/bin/busybox"): "bin/busybox"}, links=("sh", "mkdir", "rm"))
        base = "localhost/gabion/net-base:build"
        self.engine.docker("import", "--change", PATH_ENV, self.bases["net"], base, timeout=120)
        self.made.append(base)
        self.derived(base, "kube-proxy", names["kube-proxy"])
        self.derived(base, "kubectl", PODNET_IMAGE)
        return [*names.values(), provisioner, STORAGE_HELPER_IMAGE, PODNET_IMAGE]

    def single(self, image: str, files: dict[str | Path, str], entrypoint: str = "", links: tuple[str, ...] = ()) -> None:
        """An image of just these files (a bare name is one of our programs)."""
        root = Path(tempfile.mkdtemp(dir=self.folder))
        root.chmod(0o755)
        for folder in ("tmp", "etc"):
            (root / folder).mkdir()
        (root / "tmp").chmod(0o1777)
        for source, place in files.items():
            install(self.programs / source if isinstance(source, str) else source, root / place)
        for link in links:
            (root / "bin" / link).symlink_to("busybox")
        pipe(
            ["tar", "-C", root, "--owner=0", "--group=0", "-c", "."],
            [*self.engine.client(), "import", "--change", f"ENTRYPOINT [{entrypoint}]", "--change", PATH_ENV, "-", image],
            timeout=120,
        )
        self.made.append(image)
        shutil.rmtree(root)

    def derived(self, base: str, program: str, image: str) -> None:
        """The base with one program more, as a layer of its own."""
        container = self.engine.docker("create", base, f"/usr/local/bin/{program}").stdout.strip()
        try:
            self.engine.docker("cp", "--follow-link", self.programs / program, f"{container}:/usr/local/bin/{program}")
            self.engine.docker("commit", "--change", "CMD []", container, image)
            self.made.append(image)
        finally:
            self.engine.docker("rm", "--force", container)

    def node(self, image: str, preload: list[str]) -> None:
        files = self.node_files()
        base = "localhost/gabion/node-base:build"
        self.engine.docker("import", self.bases["node"], base, timeout=120)
        self.made.append(base)
        # What `commit` and `import` cannot set.
        self.engine.docker("build", "--tag", base, "-", stdin=DOCKERFILE.format(base=base).encode(), timeout=60)
        container = self.engine.docker(
            "run", "--detach", "--privileged", "--network=none", "--entrypoint=sleep", base, "3600"
        ).stdout.strip()
        try:
            self.engine.docker("cp", f"{files}/.", f"{container}:/", timeout=120)
            self.engine.docker("cp", settings.HERE / "node" / "prepare.sh", f"{container}:/prepare.sh")
            self.engine.docker("exec", container, "sh", "-c", "sh /prepare.sh && rm /prepare.sh", timeout=60)
            self.engine.docker("exec", "--detach", container, "containerd")
            self.wait_for_containerd(container)
            # Unpacked when first used, as kind's own images are: half the size, and copied for each node.
            pipe(
                [*self.engine.client(), "save", *preload],
                [*self.engine.client(), "exec", "-i", container, "ctr", "-n", "k8s.io", "images", "import",
                 "--label=io.cri-containerd.pinned=pinned", "--no-unpack", "--digests", "-"],
                timeout=240,
            )  # fmt: skip
            self.engine.docker("exec", container, "pkill", "containerd")
            changes = [ENTRYPOINT, "CMD []"]
            self.engine.docker("commit", *(w for c in changes for w in ("--change", c)), container, image, timeout=240)
        finally:
            self.engine.docker("rm", "--force", "--volumes", container)

    def wait_for_containerd(self, container: str) -> None:
        from gabion_cluster.shell import wait_until

        def missing() -> str | None:
            answer = self.engine.docker("exec", container, "ctr", "version", check=False, timeout=10)
            return None if answer.returncode == 0 else answer.stderr.strip()[-200:]

        wait_until("containerd inside the node image answers", missing, 30)

    def node_files(self) -> Path:
        """kind's own base files straight from its module (entrypoint, units, containerd's settings), with ours."""
        module, root = kind_module(), self.folder / "node"
        shutil.copytree(module / "images/base/files", root, symlinks=True)
        for path in [root, *root.rglob("*")]:
            if not path.is_symlink():
                program = path.parent in (root / "usr/local/bin", root / "kind/bin")
                path.chmod(0o755 if path.is_dir() or program else 0o644)
        places = {
            "usr/bin": ("kubeadm", "kubelet", "kubectl"),
            "usr/local/bin": ("containerd", "ctr", "containerd-shim-runc-v2"),
            "usr/local/sbin": ("runc",),
        }
        for folder, names in places.items():
            for name in names:
                install(self.programs / name, root / folder / name)
        for name in ("host-local", "loopback", "ptp", "portmap", "bridge"):
            install(self.programs / f"cni-{name}", root / "opt/cni/bin" / name)
        containerd = root / "etc/containerd/config.toml"
        containerd.write_text(containerd_config(containerd.read_text(), self.pause_image))
        (root / "kind/version").write_text(settings.versions()["KUBERNETES_VERSION"])
        (root / "etc/kubernetes/manifests").mkdir(parents=True)
        manifests = root / "kind/manifests"
        manifests.mkdir(parents=True)
        shutil.copy(settings.HERE / "node" / "default-cni.yaml", manifests / "default-cni.yaml")
        source = (module / "pkg/build/nodeimage/const_storage.go").read_text()
        (manifests / "default-storage.yaml").write_text(
            storage_manifest(source, self.provisioner_image, STORAGE_HELPER_IMAGE)
        )
        return root


def containerd_config(text: str, pause_image: str) -> str:
    """kind's settings with the pause image we have, and no OOM score below the node's own (nobody may lower it)."""
    text, pauses = re.subn(r'sandbox_image = "[^"]*"', f'sandbox_image = "{pause_image}"', text)
    text, scores = re.subn(r"restrict_oom_score_adj = false", "restrict_oom_score_adj = true", text)
    if pauses != 1 or scores != 1:
        raise Refusal("kind's containerd settings have changed their form: adapt containerd_config in nodeimage.py")
    return text


def storage_manifest(source: str, provisioner: str, helper: str) -> str:
    """The storage class manifest inside kind's Go source, with the names of our two images."""
    found = re.search(r"const defaultStorageManifest = `(.*)`\s*$", source, re.DOTALL)
    if not found:
        raise Refusal("kind's storage manifest has changed its form: adapt storage_manifest in nodeimage.py")
    return found[1].replace("` + storageProvisionerImage + `", provisioner).replace("` + storageHelperImage + `", helper)


def install(source: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, place)
    place.chmod(0o755)
