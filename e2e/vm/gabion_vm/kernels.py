# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Which kernels are booted, and what of them has to be loaded before there is a disk."""

from __future__ import annotations

import lzma
import re
from dataclasses import dataclass
from pathlib import Path

from gabion_cluster.shell import Refusal, run
from gabion_images.debian import Package


@dataclass(frozen=True)
class Kernel:
    """A Debian kernel by the suite it comes from.

    landlock: the version of Landlock's interface that it has, from linux/landlock.h of that version; the guest's cases
    hold it against what the running kernel says.
    """

    suite: str
    arch: str
    landlock: int

    @property
    def name(self) -> str:
        return self.suite if self.arch == "amd64" else f"{self.suite}-{self.arch}"


KERNELS = {"amd64": (Kernel("trixie", "amd64", 6), Kernel("bookworm", "amd64", 2)), "arm64": (Kernel("trixie", "arm64", 6),)}
# A kernel for virtual machines: no drivers of real devices, a third of the size.
PACKAGE = {"amd64": "linux-image-cloud-amd64", "arm64": "linux-image-cloud-arm64"}
# What the disk hangs on, and the line for results. Built in on some kernels, then there is no such file.
DISK_MODULES = ("virtio_pci", "virtio_mmio", "virtio_blk", "virtio_console")


def image_package(packages: list[Package]) -> Package:
    """Of what the kernel's package depends on, the one with the kernel in it."""
    found = [package for package in packages if re.match(r"linux-image-\d", package.name)]
    if len(found) != 1:
        raise Refusal(f"{len(found)} packages look like a kernel: {[package.name for package in found]}")
    return found[0]


def unpack(deb: Path, folder: Path) -> Path:
    """The kernel's files, without running its scripts, which want a boot loader. Answers the compressed kernel."""
    run("dpkg-deb", "--extract", deb, folder, timeout=120)
    kernels = sorted((folder / "boot").glob("vmlinuz-*"))
    if len(kernels) != 1:
        raise Refusal(f"{deb} holds {len(kernels)} kernels")
    return kernels[0]


def disk_modules(folder: Path) -> list[tuple[str, bytes]]:
    """Name and content of the modules that make the disk appear, each behind those it needs."""
    files = {module_name(path): path for path in folder.rglob("*.ko*")}
    ordered: dict[str, bytes] = {}

    def take(name: str) -> None:
        if name in ordered or name not in files:
            return
        path = files[name]
        content = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
        for needed in needs(content):
            take(needed)
        ordered[name] = content

    for name in DISK_MODULES:
        take(name)
    return list(ordered.items())


def module_name(path: Path) -> str:
    return path.name.split(".ko")[0].replace("-", "_")


def needs(module: bytes) -> list[str]:
    """The modules that one names in its .modinfo section: depends=a,b and a NUL."""
    found = re.search(rb"\0depends=([^\0]*)\0", module)
    return [name.replace("-", "_") for name in found.group(1).decode().split(",") if name] if found else []
