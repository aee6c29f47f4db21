# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""What a machine is started from: kernel, first root, disk. Below $GABION_HOME/vm, by the hash of what they are made of."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from gabion_cluster import settings
from gabion_cluster.shell import Refusal, digest, run, say, step
from gabion_images import build, catalogue, debian
from gabion_images.build import Builder
from gabion_images.debian import Package
from gabion_images.layers import Layer, Store
from gabion_vm import kernels
from gabion_vm.cpio import Archive
from gabion_vm.kernels import Kernel

HERE = Path(__file__).resolve().parent.parent  # e2e/vm
ROOT = settings.HERE.parent.parent  # of the repository
LOCKS = HERE / "locks"
GUEST = HERE / "guest"

# The system that plays the node: a shell, the interpreters of two runtimes, AppArmor's parser, and a container runtime that
# reads the same configuration as the one below containerd or CRI-O.
SYSTEM = (*catalogue.BASE, "bash", "coreutils", "grep", "hostname", "util-linux", "mount", "python3", "apparmor", "crun", "busybox-static")
# On a machine of another architecture there is no Java runtime to link from.
FOREIGN = ("openjdk-25-jre-headless",)
# What /bin/sh is in the images.
LINKS = (("usr/bin/sh", "dash"),)
IMAGE = "runner-python"
# The disk holds what is put on it, and room for a run's files.
SPARE_BYTES = 192 << 20


@dataclass(frozen=True)
class Locked:
    """A lock file and what it stands for."""

    name: str
    suite: str
    packages: tuple[str, ...]

    def resolve(self, archive: debian.Archive) -> list[Package]:
        found = archive.resolve(self.packages, ())
        return [kernels.image_package(found)] if self.name.startswith("kernel-") else found


def locks(arch: str) -> list[Locked]:
    """arm64 is the foreign one: images and their Java runtime are made on and for amd64 here."""
    return [
        Locked("system", catalogue.SUITE, SYSTEM if arch == "amd64" else SYSTEM + FOREIGN),
        *(Locked(f"kernel-{kernel.suite}", kernel.suite, (kernels.PACKAGE[arch],)) for kernel in kernels.KERNELS[arch]),
    ]


class Assets:
    def __init__(self, home: Path, arch: str):
        self.home = home
        self.arch = arch
        self.folder = home / "vm" / arch
        self.folder.mkdir(parents=True, exist_ok=True)
        self.used: set[str] = set()

    def packages(self, wanted: Locked) -> list[Package]:
        """The locked packages, all in the cache. A lock ages as those of the images do."""
        file = LOCKS / f"{wanted.name}.{self.arch}.lock"
        if not file.exists():
            raise Refusal(f"there is no {file}; run: make vm-lock")
        packages = debian.parse_lock(file.read_text(), file.name)
        archive = debian.Archive(self.home, self.arch, wanted.suite)
        gone = archive.fetch(packages)
        if not gone:
            return packages
        names = ", ".join(f"{package.name} {package.version}" for package in gone)
        if os.environ.get("GABION_IMAGES_LOCKED") == "strict":
            raise Refusal(f"Debian serves no more: {names}. `make vm-lock` writes the lock anew")
        say(f"  !! {file.name} has aged: Debian serves no more: {names}; resolving afresh (make vm-lock writes it anew)")
        fresh = wanted.resolve(archive)
        for line in debian.difference(packages, fresh):
            say(f"  !!   {line}")
        if archive.fetch(fresh):
            raise Refusal("Debian lists but does not serve a package; try again later")
        return fresh

    def write_locks(self) -> None:
        for wanted in locks(self.arch):
            file = LOCKS / f"{wanted.name}.{self.arch}.lock"
            fresh = wanted.resolve(debian.Archive(self.home, self.arch, wanted.suite))
            old = debian.parse_lock(file.read_text(), file.name) if file.exists() else []
            file.write_text(debian.render_lock(fresh))
            changes = debian.difference(old, fresh)
            say(f"  {file.name}: {len(fresh)} packages, {sum(p.size for p in fresh) / 1e6:.0f} MB, {len(changes)} changes")

    def kernel(self, kernel: Kernel) -> tuple[Path, Path]:
        """The kernel, and the folder with the modules for its first root."""
        name = f"kernel-{kernel.suite}"
        package = self.packages(next(each for each in locks(self.arch) if each.name == name))[0]
        place = self._place(f"{name}-{digest(package.sha256, CODE)[:16]}")
        if not place.exists():
            with step(f"kernel of {package.name} {package.version}"), tempfile.TemporaryDirectory(dir=self.folder) as scratch:
                found = kernels.unpack(self.home / "debs" / f"{package.sha256}.deb", Path(scratch, "all"))
                made = Path(scratch, "made")
                made.mkdir()
                shutil.copyfile(found, made / "vmlinuz")
                for number, (module, content) in enumerate(kernels.disk_modules(Path(scratch, "all"))):
                    (made / f"{number}-{module}.ko").write_bytes(content)
                made.rename(place)
        return place / "vmlinuz", place

    def first_root(self, modules: Path, target: Path) -> None:
        """A busybox that loads the modules, mounts the disk and hands over; and the cases, so that the disk need not change."""
        busybox = self._busybox()
        archive = Archive()
        for name in ("bin", "dev", "proc", "sys", "run", "modules", "guest", "disk"):
            archive.directory(name)
        archive.console()
        archive.file("bin/busybox", busybox.read_bytes(), 0o755)
        archive.file("init", (GUEST / "init").read_bytes(), 0o755)
        for module in sorted(modules.glob("*.ko"), key=lambda path: int(path.name.split("-")[0])):
            archive.file(f"modules/{module.name}", module.read_bytes())
        for file in sorted(GUEST.rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                archive.file(f"guest/{file.name}", file.read_bytes(), 0o755)
        archive.file("guest/gabion-runner.apparmor", (ROOT / "deploy/apparmor/gabion-runner").read_bytes())
        archive.file("guest/runner.json", (ROOT / "sandbox-runner/src/main/resources/dev/gabion/runner/seccomp/pod/runner.json").read_bytes())
        target.write_bytes(archive.bytes())

    def _busybox(self) -> Path:
        packages = [package for package in self.packages(locks(self.arch)[0]) if package.name == "busybox-static"]
        place = self._place(f"busybox-{packages[0].sha256[:16]}")
        if not place.exists():
            with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
                run("dpkg-deb", "--extract", self.home / "debs" / f"{packages[0].sha256}.deb", scratch)
                Path(scratch, "usr/bin/busybox").rename(place)
        return place

    def disk(self) -> Path:
        """A file system with the node's programs, the runner's image as it is, and a checkout's tree with what was built."""
        packages = self.packages(locks(self.arch)[0])
        files = checkout(self.arch)
        contents = digest(*(f"{name}={build.file_digest(file)}" for name, file in sorted(files.items())))
        layers = self._layers() if self.arch == "amd64" else []
        key = digest(debian.key_of(packages), *(layer.diff_id for _, _, layer in layers), contents, CODE)[:16]
        place = self._place(f"disk-{key}.ext4")
        if place.exists():
            return place
        with step(f"disk of the {self.arch} machine"), build.Workspace() as root:
            build.unpack(self.home, packages, root, ("usr/lib/python3.13/idlelib",))
            build.finish_base(root)
            build.link(root, LINKS)
            for folder in ("image", "checkout", "jre"):
                (root / folder).mkdir()
            for below, store, layer in layers:
                (root / below).mkdir(exist_ok=True)
                run("tar", "-C", root / below, "--no-same-owner", "-xpf", store.archive(layer), timeout=300)
            for name, file in files.items():
                target = root / "checkout" / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target)
            root.chmod(0o755)
            if self.arch == "amd64":
                record(root)
            make_ext4(root, place)
        return place

    def _layers(self) -> list[tuple[str, Store, Layer]]:
        """Folder on the disk, store and layer: the runner's image, and a Java runtime for the command line, which needs
        modules that the runner's image has no use for."""
        builder = Builder(self.home)
        image = builder.build_all([IMAGE])[0]
        # In a store of its own, because the images' one is swept of what no image uses.
        builder.store = Store(self.folder)
        jre, _ = builder.jre("command-line", (*catalogue.OPERATOR_MODULES, *catalogue.RUNNER_MODULES), [])
        self.used |= {f"{jre.name}-{jre.key}.tar", f"{jre.name}-{jre.key}.json"}
        return [*(("image", Store(self.home / "layers"), layer) for layer in image.layers), ("jre", builder.store, jre)]

    def _place(self, name: str) -> Path:
        self.used.add(name)
        return self.folder / name

    def prune(self) -> None:
        """Removes what this run's machines do not use."""
        for path in self.folder.iterdir():
            if path.name not in self.used and not path.name.startswith((".", "tmp")):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def checkout(arch: str) -> dict[str, Path]:
    """Place below the checkout in the machine -> file here."""
    built = ROOT / "operator/cli/target/lib"
    launcher = ROOT / "sandbox-runner/target" / ("launcher" if arch == "amd64" else f"launcher-{arch}")
    needed = [launcher / name for name in ("gabion-launch", "gabion-launch-test", "launcher-test-helper")]
    if not (built / "classpath").exists():
        raise Refusal("the command line is not built; run: make cli")
    for file in needed:
        if not file.exists():
            raise Refusal(f"{file} is not built; run: make vm-programs")
    sources = [
        ROOT / "operator/cli/bin/gabion",
        *sorted(built.iterdir()),
        *sorted((ROOT / "sandbox-runner/launcher/tests").glob("*.py")),
        ROOT / "sandbox-runner/launcher/src/protocol.h",
    ]
    places = {str(file.relative_to(ROOT)): file for file in sources}
    return {**places, **{f"sandbox-runner/target/launcher/{file.name}": file for file in needed}}


def record(root: Path) -> None:
    """What a JVM keeps of a first start, for the command line: on an emulated processor a start takes ten seconds."""
    cache, program = "/checkout/operator/cli/target/gabion.aot", "/checkout/hello.py"
    (root / program[1:]).write_text('print("hello")\n')
    # The run is refused where it is recorded, which loads all the same what a run loads.
    ran = build.inside(root, ["/checkout/operator/cli/bin/gabion", "run", "-o", "json", program], writable=True, check=False, timeout=120,
                       env={"JAVA_HOME": "/jre/opt/gabion/jre", "GABION_AOT_RECORD": cache, "HOME": "/tmp"})  # fmt: skip
    if not (root / cache[1:]).exists():
        raise Refusal(f"the command line's cache of classes was not recorded:\n{ran.stdout[-2000:]}")


def make_ext4(root: Path, target: Path) -> None:
    """No journal: the machine throws away what it writes."""
    used = sum(path.lstat().st_size + 4096 for path in root.rglob("*"))
    part = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        run("mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-m", "0", "-d", root, part, f"{(used + SPARE_BYTES) >> 10}k", timeout=300)
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)


# A change of how these are made is an input of all of them.
CODE = digest(*(Path(__file__).with_name(name) for name in ("assets.py", "cpio.py", "kernels.py")))
