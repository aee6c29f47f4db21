# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""One virtual machine from its start to its end: no network device, a console for the kernel, a serial line for the cases."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gabion_cluster.shell import Refusal

# A machine that is really virtualized says its first word after two seconds, an emulated one after ten.
FIRST_WORD_SECONDS = 20


@dataclass(frozen=True)
class Accelerator:
    name: str
    arguments: tuple[str, ...]
    what: str


# An emulated processor of 2008: what Debian and a JVM want, and few wide registers for the emulator to play.
TCG = Accelerator("tcg", ("-accel", "tcg", "-cpu", "Nehalem"), "emulated, no hardware virtualization")
KVM = Accelerator("kvm", ("-accel", "kvm", "-cpu", "host"), "hardware virtualization")


# Neither pointer authentication nor wide vectors, which take an emulator most of its time.
TCG_ARM64 = Accelerator("tcg", ("-accel", "tcg", "-cpu", "cortex-a72"), TCG.what)


@dataclass(frozen=True)
class Hardware:
    """results: the device in the machine that the cases write to, and what makes it; {} is the file here."""

    binary: str
    package: str
    arguments: tuple[str, ...]
    console: str
    results: str
    results_arguments: tuple[str, ...]
    accelerators: tuple[Accelerator, ...]


AMD64 = Hardware("qemu-system-x86_64", "qemu-system-x86", ("-machine", "pc"), "ttyS0", "ttyS1", ("-serial", "file:{}"), (KVM, TCG))
# The board has one serial line.
ARM64 = Hardware("qemu-system-aarch64", "qemu-system-arm", ("-machine", "virt"), "ttyAMA0", "hvc0",
                 ("-chardev", "file,id=cases,path={}", "-device", "virtio-serial-pci", "-device", "virtconsole,chardev=cases"), (TCG_ARM64,))  # fmt: skip
HARDWARE = {"amd64": AMD64, "arm64": ARM64}


class NotVirtualized(Exception):
    """The accelerator starts and then runs nothing."""


@dataclass(frozen=True)
class Machine:
    hardware: Hardware
    accelerator: Accelerator
    kernel: Path
    first_root: Path
    disk: Path
    words: str  # for the kernel's command line
    folder: Path  # for the logs: console.log, cases.log, qemu.log
    memory_mebibytes: int = 2048
    # One: with more, QEMU's emulation misses that the kernel rewrites its own code (perf events do that) and it stops
    # with "Oops: int3".
    processors: int = 1

    def command(self) -> list[str]:
        return [
            self.hardware.binary, *self.hardware.arguments, *self.accelerator.arguments,
            "-smp", str(self.processors), "-m", str(self.memory_mebibytes),
            "-nodefaults", "-nographic", "-no-reboot", "-nic", "none", "-rtc", "base=utc",
            "-kernel", str(self.kernel), "-initrd", str(self.first_root),
            "-append", f"console={self.hardware.console} panic=-1 quiet loglevel=4 gabion.results={self.hardware.results} {self.words}",
            "-drive", f"file={self.disk},format=raw,if=virtio,snapshot=on",
            "-serial", f"file:{self.folder / 'console.log'}",
            *(word.format(self.folder / "cases.log") for word in self.hardware.results_arguments),
        ]  # fmt: skip

    def run(self, heard: Callable[[str], None], limit_seconds: float) -> None:
        """Hands every line of the cases on as it comes; ends with the machine, or ends the machine."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in ("console.log", "cases.log", "qemu.log"):
            (self.folder / name).write_bytes(b"")
        began = time.monotonic()
        with (self.folder / "qemu.log").open("wb") as log:
            process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self._follow(process, heard, began, limit_seconds)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()

    def _follow(self, process: subprocess.Popen, heard: Callable[[str], None], began: float, limit: float) -> None:
        rest = b""
        with (self.folder / "cases.log").open("rb") as cases:
            while True:
                ended = process.poll() is not None
                rest += cases.read()
                *lines, rest = rest.split(b"\n")
                for line in lines:
                    heard(line.decode(errors="replace").rstrip("\r"))
                if ended:
                    if process.returncode != 0 and cases.tell() == 0:
                        raise NotVirtualized(tail(self.folder / "qemu.log"))
                    return
                elapsed = time.monotonic() - began
                silent = cases.tell() == 0
                if silent and self.accelerator is KVM:
                    if b"KVM internal error" in (self.folder / "qemu.log").read_bytes():
                        raise NotVirtualized("KVM internal error")
                    if elapsed > FIRST_WORD_SECONDS:
                        raise NotVirtualized(f"not a word in {FIRST_WORD_SECONDS} s")
                if elapsed > limit:
                    raise Refusal(f"the machine was not done within {limit:.0f} s; its console's end:\n{tail(self.folder / 'console.log')}")
                time.sleep(0.05)


def tail(file: Path, lines: int = 15) -> str:
    return "\n".join(file.read_text(errors="replace").replace("\r", "").splitlines()[-lines:])


def candidates(hardware: Hardware, asked: str) -> list[Accelerator]:
    """What is tried, in this order. asked: GABION_VM_ACCEL, a name or nothing."""
    known = {accelerator.name: accelerator for accelerator in hardware.accelerators}
    if asked:
        if asked not in known:
            raise Refusal(f"GABION_VM_ACCEL={asked}: one of {', '.join(known)}")
        return [known[asked]]
    usable = os.access("/dev/kvm", os.R_OK | os.W_OK)
    return [accelerator for accelerator in hardware.accelerators if accelerator is not KVM or usable]
