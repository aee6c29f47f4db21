# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""What goes into which image."""

from __future__ import annotations

from dataclasses import dataclass

VERSION = "0.1.0"
REPOSITORY = "localhost/gabion"
SUITE = "trixie"
ARCHITECTURES = ("amd64", "arm64")

# In every image: the C library, a small shell for start scripts, names of protocols and time zones.
BASE = ("base-files", "libc6", "libgcc-s1", "dash", "netbase", "tzdata")

# Never in an image, though something depends on them: they install or ask questions.
EXCLUDED = frozenset(
    "dpkg tar debconf cdebconf debianutils perl-base install-info mawk readline-common libpam-modules"
    " openssl-provider-legacy ucf sensible-utils".split()
)


@dataclass(frozen=True)
class Language:
    """A guest language: Debian packages on top of the base."""

    packages: tuple[str, ...]
    keep: tuple[str, ...] = ()  # packages of EXCLUDED that a guest does use
    links: tuple[tuple[str, str], ...] = ()  # what a maintainer script would have linked: place, target
    drop: tuple[str, ...] = ()  # path prefixes that no guest needs
    compile_python: bool = False


PYTHON_DROP = ("usr/lib/python3/dist-packages/matplotlib/tests", "usr/lib/python3.13/idlelib", "usr/share/matplotlib/sample_data")

LANGUAGES = {
    "python": Language(("python3",), compile_python=True, drop=PYTHON_DROP),
    "python-scientific": Language(
        ("python3", "python3-numpy", "python3-pandas", "python3-matplotlib"),
        compile_python=True,
        drop=PYTHON_DROP,
        links=(
            ("usr/lib/x86_64-linux-gnu/libblas.so.3", "blas/libblas.so.3"),
            ("usr/lib/x86_64-linux-gnu/liblapack.so.3", "lapack/liblapack.so.3"),
            ("usr/lib/aarch64-linux-gnu/libblas.so.3", "blas/libblas.so.3"),
            ("usr/lib/aarch64-linux-gnu/liblapack.so.3", "lapack/liblapack.so.3"),
        ),
    ),
    "node": Language(("nodejs",)),
    "bash": Language(
        ("bash", "coreutils", "grep", "sed", "mawk", "findutils", "diffutils", "tar", "gzip", "bc"),
        keep=("mawk", "tar"),
        links=(("usr/bin/awk", "mawk"),),
    ),
    "c": Language(("gcc", "libc6-dev", "binutils"), links=(("usr/bin/cc", "gcc"),)),
}
OPERATOR = Language(("busybox-static",))

# Modules beyond those that jdeps finds: reached by reflection or by service lookup only.
RUNNER_MODULES = ("java.base", "java.logging", "java.xml", "java.management", "jdk.management", "jdk.unsupported")
OPERATOR_MODULES = (
    "java.base", "java.compiler", "java.desktop", "java.instrument", "java.logging", "java.management", "java.naming",
    "java.net.http", "java.security.jgss", "java.security.sasl", "java.sql", "java.xml", "jdk.jfr", "jdk.management",
    "jdk.unsupported", "jdk.zipfs",
)  # fmt: skip


@dataclass(frozen=True)
class Image:
    name: str
    language: Language
    lock: str
    program: str  # "runner" or "operator"
    target_bytes: int | None = None  # unpacked

    @property
    def reference(self) -> str:
        return f"{REPOSITORY}/{self.name}:{VERSION}"


MEBIBYTE = 1024 * 1024
IMAGES = (
    Image("operator", OPERATOR, "operator", "operator", 260 * MEBIBYTE),
    *(
        Image(f"runner-{name}", language, name, "runner", 160 * MEBIBYTE if name == "python" else None)
        for name, language in LANGUAGES.items()
    ),
)
