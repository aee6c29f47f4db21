# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Layers from packages, a JDK and the built programs; images from layers."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gabion_cluster import settings
from gabion_cluster.shell import Refusal, digest, run, say, step
from gabion_images import catalogue, debian, sbom
from gabion_images.catalogue import Image, Language
from gabion_images.debian import Package
from gabion_images.layers import Built, Layer, Store, encode, file_digest, merge, remove, stamp

ROOT = settings.HERE.parent.parent  # of the repository
FILES = Path(__file__).resolve().parent.parent / "files"
USER = 65532

# Documentation but for the licences, texts in other languages, and checkers of packages.
DROPPED = re.compile(
    r"usr/share/(man|info|locale|lintian|bug|doc-base|bash-completion|zsh|gdb|pixmaps|applications|menu|icons|gcc)/.*"
    r"|usr/share/doc/(?!.*/copyright$).*|var/(cache|log|lib/dpkg)/.*|etc/(cron|init|logrotate|apt|dpkg)[^/]*/.*"
)

JVM_COMMON = (
    # Nothing of the JVM's own on standard output: it belongs to the program.
    "-Xlog:disable", "-Xlog:all=error:stderr", "-XX:-UsePerfData", "-XX:+ExitOnOutOfMemoryError",
    "-Djava.io.tmpdir=/tmp", "--enable-native-access=ALL-UNNAMED",
    # The cache of classes without machine code: what is recorded for the processor of the build dies of SIGILL on one with
    # fewer instructions, and JDK 25 does not look (aotCodeCache.cpp: its Config verifies no processor feature).
    "-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTAdapterCaching", "-XX:-AOTStubCaching",
)  # fmt: skip


def options_of(file: Path) -> list[str]:
    """The options in a file of one a line, as java reads it: after # stands a remark."""
    lines = (line.split("#")[0].strip() for line in file.read_text().splitlines())
    return [line for line in lines if line]


class Builder:
    def __init__(self, home: Path):
        self.home = home
        self.arch = settings.architecture()
        self.store = Store(home / "layers")
        self.locks: dict[str, list[Package]] = {}

    # the way of every layer: found by the hash of its inputs, or made in a fresh folder

    def layer(self, name: str, inputs: str, make: Callable[[Path], None]) -> Layer:
        found = self.store.find(name, inputs)
        if found:
            return found
        with step(f"layer {name}"):
            with Workspace() as root:
                root.chmod(0o755)
                make(root)
                return self.store.put(name, inputs, root)

    def folder_of(self, layers: list[Layer], target: Path) -> None:
        """The layers' files on disk, to run something in them."""
        for layer in layers:
            run("tar", "-C", target, "--no-same-owner", "-xpf", self.store.archive(layer), timeout=300)
        stamp(target)

    # layers

    def base(self) -> Layer:
        packages = self.locks["base"]

        def make(root: Path) -> None:
            unpack(self.home, packages, root, ())
            finish_base(root)

        return self.layer("base", digest(debian.key_of(packages), CODE), make)

    def language(self, name: str, language: Language, base: Layer) -> Layer:
        below = {package.name for package in self.locks["base"]}
        packages = [package for package in self.locks[name] if package.name not in below]

        def make(root: Path) -> None:
            unpack(self.home, packages, root, language.drop)
            link(root, language.links)
            if language.compile_python:
                self.compile_python(base, root)

        return self.layer(f"language-{name}", digest(debian.key_of(packages), repr(language), base.key, CODE), make)

    def compile_python(self, base: Layer, root: Path) -> None:
        """Byte code, as a package's maintainer script would make it; checked by hash at no time, so it has no clock in it."""
        with Workspace() as whole:
            self.folder_of([base], whole)
            merge([root], whole)
            script = "import compileall,sys,py_compile\n" \
                "m=py_compile.PycInvalidationMode.UNCHECKED_HASH\n" \
                "sys.exit(not all([compileall.compile_dir(d,quiet=1,invalidation_mode=m,force=True,workers=1)" \
                " for d in sys.argv[1:]]))\n"  # fmt: skip
            folders = [f"/{path.relative_to(root)}" for path in sorted((root / "usr/lib").glob("python3*")) if path.is_dir()]
            inside(whole, ["/usr/bin/python3", "-I", "-S", "-c", script, *folders], writable=True, check=False,
                   env={"PYTHONHASHSEED": "0"}, timeout=300)  # fmt: skip
            made = [path for path in (whole / "usr/lib").rglob("*.pyc")]
            if not made:
                raise Refusal("no Python byte code was made in the language layer")
            for path in made:
                place = root / path.relative_to(whole)
                place.parent.mkdir(exist_ok=True)
                shutil.copyfile(path, place)

    def jre(self, name: str, modules: tuple[str, ...], jars: list[Path]) -> tuple[Layer, dict[str, str]]:
        jdk = find_jdk()
        needed = sorted(set(modules) | needed_modules(jdk, jars))
        release = (jdk / "release").read_text()
        described = dict(re.findall(r'^(\w+)="(.*)"$', release, re.MULTILINE)) | {"MODULES": " ".join(needed)}

        def make(root: Path) -> None:
            place = root / "opt/gabion/jre"
            place.parent.mkdir(parents=True)
            run(jdk / "bin/jlink", "--add-modules", ",".join(needed), "--output", place, "--strip-debug", "--no-header-files",
                "--no-man-pages", "--compress", "zip-6", timeout=300)  # fmt: skip
            for path in (place / "lib").glob("*.diz"):
                path.unlink()

        return self.layer(f"jre-{name}", digest(release, repr(needed), CODE), make), described

    def program(self, name: str, files: dict[str, Path], arguments: list[str]) -> Layer:
        """The program's files (place in the image -> file here) and the JVM's arguments."""
        inputs = digest(repr(sorted((place, file_digest(file)) for place, file in files.items())), repr(arguments), CODE)

        def make(root: Path) -> None:
            for place, file in files.items():
                target = root / "opt/gabion" / place
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
                target.chmod(0o755 if place.startswith("bin/") else 0o644)
            target = root / f"opt/gabion/lib/{name}.args"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("\n".join(arguments) + "\n")

        return self.layer(f"program-{name}", inputs, make)

    def aot(self, name: str, below: list[Layer], training: Training) -> Layer:
        """Classes as the JVM wants them in memory, recorded by a run of the image's own Java with the image's own files."""

        def make(root: Path) -> None:
            with Workspace() as whole:
                self.folder_of(below, whole)
                record(whole, name, training, self.home / f"training-{name}.log")
                place = root / f"opt/gabion/lib/{name}.aot"
                place.parent.mkdir(parents=True)
                shutil.copyfile(whole / f"opt/gabion/lib/{name}.aot", place)

        return self.layer(f"{name}-aot", digest(*(la.diff_id for la in below), repr(training), CODE), make)

    # images

    def build_all(self, names: list[str] | None = None) -> list[Built]:
        """The images of these names; all of them when none is named."""
        known = [image.name for image in catalogue.IMAGES]
        unknown = sorted(set(names or []) - set(known))
        if unknown:
            raise Refusal(f"no image is called {', '.join(unknown)}; known: {', '.join(known)}")
        wanted = [image for image in catalogue.IMAGES if not names or image.name in names]
        programs = {name: PROGRAMS[name]() for name in sorted({image.program for image in wanted})}
        self.locks = debian.locked(self.home, FILES.parent / "locks", self.arch)
        base = self.base()
        parts = {name: self.program_parts(base, program) for name, program in programs.items()}
        built = []
        for image in wanted:
            jre, described, program, aot = parts[image.program]
            language = self.language(image.lock, image.language, base)
            jars = [file for place, file in programs[image.program].files.items() if place.endswith(".jar")]
            bill = sbom.document(image.reference, self.locks[image.lock], catalogue.SUITE, described, jars)
            bill_layer = self.bill_of_materials(image, bill)
            built.append(self.assemble(image, (base, jre, language, program, aot, bill_layer)))
        if not names:
            self.store.prune()
        return built

    def program_parts(self, base: Layer, program: Program) -> tuple[Layer, dict[str, str], Layer, Layer]:
        jars = [file for place, file in program.files.items() if place.endswith(".jar") and "gabion-" in file.name]
        jre, described = self.jre(program.name, program.modules, jars)
        layer = self.program(program.name, program.files, program.arguments)
        return jre, described, layer, self.aot(program.name, [base, jre, layer], program.training)

    def bill_of_materials(self, image: Image, bill: dict) -> Layer:
        text = json.dumps(bill, indent=1, sort_keys=True)
        kept = self.home / "sbom" / f"{image.name}.spdx.json"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(text)

        def make(root: Path) -> None:
            place = root / f"usr/share/sbom/{image.name}.spdx.json"
            place.parent.mkdir(parents=True)
            place.write_text(text)

        found = self.store.find(f"sbom-{image.name}", digest(text, CODE))
        if found:
            return found
        with Workspace() as root:
            root.chmod(0o755)
            make(root)
            return self.store.put(f"sbom-{image.name}", digest(text, CODE), root)

    def assemble(self, image: Image, layers: tuple[Layer, ...]) -> Built:
        created = "2020-01-01T00:00:00Z"
        config = {
            "architecture": self.arch,
            "os": "linux",
            "created": created,
            "config": {
                "User": f"{USER}:{USER}",
                "Env": ["PATH=/opt/gabion/bin:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/tmp"],
                "Entrypoint": [f"/opt/gabion/bin/{image.program}"],
                "WorkingDir": "/",
                "Labels": {
                    "org.opencontainers.image.title": image.name,
                    "org.opencontainers.image.version": catalogue.VERSION,
                    "org.opencontainers.image.licenses": "Apache-2.0",
                    "org.opencontainers.image.vendor": "The Gabion Authors",
                },
            },
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
            "history": [{"created": created, "created_by": f"gabion images: {layer.name}"} for layer in layers],
        }
        return Built(image.reference, encode(config), layers)


@dataclass(frozen=True)
class Program:
    """What runs in an image: its files (place in the image -> file here), Java modules, JVM arguments, training run."""

    name: str
    files: dict[str, Path]
    modules: tuple[str, ...]
    arguments: list[str]
    training: Training


class Workspace:
    """A temporary folder; packages bring folders that a plain rmtree cannot remove."""

    def __enter__(self) -> Path:
        self.path = Path(tempfile.mkdtemp(prefix="gabion-image-"))
        return self.path

    def __exit__(self, *_: object) -> None:
        remove(self.path)


class Training:
    """A run whose loaded classes go into the AOT cache."""

    def __init__(self, arguments: tuple[str, ...], stop_when: str | None = None, env: tuple[tuple[str, str], ...] = ()):
        self.arguments, self.stop_when, self.env = arguments, stop_when, env

    def __repr__(self) -> str:
        return f"Training({self.arguments}, {self.stop_when}, {self.env})"


RUNNER_TRAINING = Training(("dev.gabion.runner.PodMain", "rehearse"))
# The operator starts without looking for a cluster and is stopped as a kubelet would stop it.
OPERATOR_TRAINING = Training(
    (),
    stop_when="Installed features",
    env=(("QUARKUS_OPERATOR_SDK_START_OPERATOR", "false"), ("QUARKUS_OPERATOR_SDK_CRD_VALIDATE", "false")),
)
OPERATOR_ARGUMENTS = [
    *JVM_COMMON, *options_of(ROOT / "operator/controllers/jvm.options"), "-XX:AOTCache=/opt/gabion/lib/operator.aot",
    "-Djava.util.logging.manager=org.jboss.logmanager.LogManager", "-jar", "/opt/gabion/app/quarkus-run.jar",
]  # fmt: skip


def runner_arguments(files: dict[str, Path]) -> list[str]:
    jars = sorted(place for place in files if place.endswith(".jar"))
    path = ":".join(f"/opt/gabion/{place}" for place in jars)
    return [*JVM_COMMON, "-XX:+UseSerialGC", "-Xms8m", "-Xmx64m", "-XX:TieredStopAtLevel=1",
            "-XX:AOTCache=/opt/gabion/lib/runner.aot", "-cp", path]  # fmt: skip


def runner_files() -> dict[str, Path]:
    target = ROOT / "sandbox-runner/target"
    jars = [path for path in target.glob("gabion-sandbox-runner-*.jar") if not re.search(r"-(tests|sources|javadoc)\.jar$", path.name)]
    libraries = sorted((target / "lib").glob("*.jar"))
    launcher = ROOT / "sandbox-runner/target/launcher/gabion-launch"
    if len(jars) != 1 or not libraries:
        raise Refusal(f"the runner is not built (no single gabion-sandbox-runner-*.jar with lib/ in {target}); run: make images-programs")
    if not launcher.exists():
        raise Refusal(f"the launcher is not built ({launcher}); run: make launcher")
    return {
        "bin/runner": FILES / "runner",
        "bin/gabion-launch": launcher,
        **{f"lib/{jar.name}": jar for jar in [*jars, *libraries]},
    }


def operator_files() -> dict[str, Path]:
    app = ROOT / "operator/controllers/target/quarkus-app"
    if not (app / "quarkus-run.jar").exists():
        raise Refusal(f"the operator is not built (no {app}/quarkus-run.jar); run: make images-programs")
    profiles = ROOT / "sandbox-runner/src/main/resources/dev/gabion/runner/seccomp/pod"
    found = {f"profiles/{file.name}": file for file in sorted(profiles.glob("*.json"))}
    if not found:
        raise Refusal(f"no seccomp profiles of pods in {profiles}")
    skipped = {"quarkus-app-dependencies.txt"}
    return {
        "bin/operator": FILES / "operator",
        **found,
        **{f"app/{path.relative_to(app)}": path for path in sorted(app.rglob("*")) if path.is_file() and path.name not in skipped},
    }


def runner() -> Program:
    files = runner_files()
    return Program("runner", files, catalogue.RUNNER_MODULES, runner_arguments(files), RUNNER_TRAINING)


def operator() -> Program:
    return Program("operator", operator_files(), catalogue.OPERATOR_MODULES, OPERATOR_ARGUMENTS, OPERATOR_TRAINING)


PROGRAMS = {"runner": runner, "operator": operator}


def find_jdk() -> Path:
    return Path(run(ROOT / "e2e/find-jdk.sh").stdout.strip())


def needed_modules(jdk: Path, jars: list[Path]) -> set[str]:
    """What our own classes use, so that a new use cannot be forgotten in the catalogue."""
    if not jars:
        return set()
    found = run(jdk / "bin/jdeps", "--multi-release", "25", "--ignore-missing-deps", "--print-module-deps", *jars, timeout=120)
    return set(found.stdout.strip().split(",")) - {""}


def unpack(home: Path, packages: list[Package], root: Path, drop: tuple[str, ...]) -> None:
    """The packages' files, without running anything of them: the same result on every machine and for every architecture."""
    for package in sorted(packages):
        run("dpkg-deb", "--extract", home / "debs" / f"{package.sha256}.deb", root, timeout=120)
    for path in sorted(root.rglob("*"), reverse=True):
        name = str(path.relative_to(root))
        unwanted = DROPPED.fullmatch(name) or any(name == prefix or name.startswith(prefix + "/") for prefix in drop)
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()) and (unwanted or name.startswith("usr/share/")):
                path.rmdir()
        elif unwanted:
            path.unlink()
    # As in other images without a package manager: scanners read this folder.
    status = root / "var/lib/dpkg/status.d"
    status.mkdir(parents=True, exist_ok=True)
    for package in packages:
        fields = run("dpkg-deb", "--field", home / "debs" / f"{package.sha256}.deb").stdout
        (status / package.name).write_text(fields)


def finish_base(root: Path) -> None:
    """What maintainer scripts and a system's first boot would have made."""
    for name in ("bin", "lib", "sbin"):
        if not (root / name).is_symlink():
            raise Refusal(f"/{name} of the base layer is no link into /usr: a package of the lock is older than merged /usr")
    (root / "etc/passwd").write_text(
        "root:x:0:0:root:/:/usr/sbin/nologin\n"
        "nobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n"
        f"gabion:x:{USER}:{USER}:Gabion:/tmp:/usr/sbin/nologin\n"
    )
    (root / "etc/group").write_text(f"root:x:0:\nnogroup:x:65534:\ngabion:x:{USER}:\n")
    (root / "etc/nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files dns\n")
    link(root, (("usr/bin/sh", "dash"),))
    for place in ("gabion/plan", "gabion/source", "gabion/scratch", "proc", "sys", "dev", "run", "tmp", "opt/gabion"):
        (root / place).mkdir(parents=True, exist_ok=True)
    (root / "tmp").chmod(0o1777)


def link(root: Path, links: tuple[tuple[str, str], ...]) -> None:
    """A link is made where its target is: what is of another architecture is passed over."""
    for place, target in links:
        path = root / place
        if (path.parent / target).exists() and not path.is_symlink() and not path.exists():
            path.symlink_to(target)


def record(whole: Path, name: str, training: Training, log: Path) -> None:
    cache = f"/opt/gabion/lib/{name}.aot"
    arguments = (whole / f"opt/gabion/lib/{name}.args").read_text().split("\n")
    arguments = [word for word in arguments if word and not word.startswith("-XX:AOTCache=")]
    java = "/opt/gabion/jre/bin/java"
    command = [java, f"-XX:AOTCacheOutput={cache}", *arguments, *training.arguments]
    result = inside(whole, command, writable=True, check=False, stop_when=training.stop_when, env=dict(training.env), timeout=180)
    log.write_text(result.stdout)
    if not (whole / cache[1:]).exists():
        raise Refusal(f"no AOT cache came out of the training run of {name}:\n{result.stdout[-3000:]}")
    # The proof that it is of use: with this mode Java refuses to start when it cannot map the cache.
    at = arguments.index("-jar") if "-jar" in arguments else len(arguments)
    path = ["-cp", arguments[at + 1]] if at < len(arguments) else []
    inside(whole, [java, f"-XX:AOTCache={cache}", "-XX:AOTMode=on", *arguments[:at], *path, "-version"], timeout=60)


def inside(
    root: Path,
    command: list[str],
    writable: bool = False,
    check: bool = True,
    stop_when: str | None = None,
    env: dict[str, str] | None = None,
    timeout: float = 60,
) -> subprocess.CompletedProcess[str]:
    """Runs a program of the image in the image's files, with no network, as nobody in particular."""
    # As root no user namespace is needed; the program itself gets no capability either way.
    words = ["bwrap", "--unshare-net", "--unshare-pid", "--unshare-ipc", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
             "--bind" if writable else "--ro-bind", root, "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp",
             "--clearenv", "--setenv", "PATH", "/usr/bin", "--setenv", "LANG", "C.UTF-8"]  # fmt: skip
    for key, value in (env or {}).items():
        words += ["--setenv", key, value]
    words += ["--chdir", "/", *command]
    process = subprocess.Popen([str(w) for w in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    late = threading.Timer(timeout, process.kill)
    late.start()
    out = b""
    try:
        for line in process.stdout:
            out += line
            if stop_when and stop_when in line.decode(errors="replace"):
                stop_when = None
                terminate_inside(process.pid)
        process.wait()
    finally:
        process.stdout.close()
        expired = not late.is_alive()
        late.cancel()
    if expired and process.returncode < 0:
        raise Refusal(f"{command[0]} in the image did not end within {timeout} s:\n{out.decode(errors='replace')[-2000:]}")
    text = out.decode(errors="replace")
    if check and process.returncode != 0:
        raise Refusal(f"{command[0]} in the image ended with {process.returncode}:\n{text[-2000:]}")
    return subprocess.CompletedProcess(command, process.returncode, text)


def terminate_inside(outer: int) -> None:
    """SIGTERM for the program itself, not for bwrap, whose end would kill it: the leaf of the chain of children."""
    pid = outer
    while True:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if not children:
            break
        pid = int(children[0])
    if pid != outer:
        os.kill(pid, 15)


# A change of how layers are made is an input of every layer.
CODE = digest(*(Path(__file__).with_name(name) for name in ("build.py", "layers.py")))
