# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""test | lock: what `make vm-test` and `make vm-lock` call."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
from pathlib import Path

from gabion_cluster import settings
from gabion_cluster.shell import Refusal, exclusive, fail, say
from gabion_vm import kernels, machine
from gabion_vm.assets import ROOT, Assets
from gabion_vm.kernels import Kernel
from gabion_vm.machine import Accelerator, Machine, NotVirtualized

# Four times what the cases take on an idle machine.
LIMIT_SECONDS = 1800


class Report:
    """Reads what the cases say and keeps count."""

    def __init__(self, kernel: Kernel):
        self.kernel = kernel
        self.passed: list[str] = []
        self.failed: list[str] = []
        self.skipped: list[str] = []
        self.ended = False

    def hear(self, line: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            say(f"    | {line}")
            return
        if "machine" in said:
            say(f"  {self.kernel.name}: {said['machine']}")
        elif "end" in said:
            self.ended = True
        else:
            name = f"{self.kernel.name}/{said['case']}"
            {"passed": self.passed, "failed": self.failed, "skipped": self.skipped}[said["outcome"]].append(name)
            word = {"passed": "ok  ", "failed": "FAIL", "skipped": "skip"}[said["outcome"]]
            say(f"  {word} {name} ({said['seconds']:.1f} s){': ' + said['note'] if said['note'] else ''}")
            for text in said["trouble"]:
                say(f"       {text}")


def test(arguments: argparse.Namespace) -> None:
    hardware = machine.HARDWARE[arguments.arch]
    if not shutil.which(hardware.binary):
        raise Refusal(f"QEMU is not installed; run: apt-get install {hardware.package}")
    if settings.architecture() != "amd64":
        raise Refusal("the machines' disks are made on amd64, and this machine is not")
    known = kernels.KERNELS[arguments.arch]
    wanted = [kernel for kernel in known if not arguments.kernel or kernel.suite == arguments.kernel]
    if not wanted:
        raise Refusal(f"no kernel is called {arguments.kernel}; known: {', '.join(kernel.suite for kernel in known)}")
    assets = Assets(settings.home(), arguments.arch)
    with exclusive(settings.home() / "images.lock"):
        disk = assets.disk()
    prepared = {kernel: assets.kernel(kernel) for kernel in wanted}
    accelerators = machine.candidates(hardware, os.environ.get("GABION_VM_ACCEL", ""))
    reports = []
    for kernel in wanted:
        report, accelerators = one(kernel, prepared[kernel], disk, assets, arguments.only, accelerators)
        reports.append(report)
    if not arguments.kernel:
        assets.prune()
    conclude(reports)


def conclude(reports: list[Report]) -> None:
    passed = sum(len(report.passed) for report in reports)
    skipped = sum(len(report.skipped) for report in reports)
    failed = [name for report in reports for name in report.failed]
    broken = [report.kernel.name for report in reports if not report.ended]
    say(f"{passed} passed, {len(failed)} failed, {skipped} skipped")
    if broken:
        raise Refusal(f"the cases did not come to their end on: {', '.join(broken)}; consoles in {ROOT / 'out/vm'}")
    if failed or not passed:
        raise Refusal(f"failed: {', '.join(failed)}" if failed else "no case ran")


def one(
    kernel: Kernel, prepared: tuple[Path, Path], disk: Path, assets: Assets, only: str, accelerators: list[Accelerator]
) -> tuple[Report, list[Accelerator]]:
    """Boots the kernel with the first accelerator that runs anything; the others are not tried again."""
    image, modules = prepared
    words = f"gabion.suite={kernel.suite} gabion.landlock={kernel.landlock} gabion.only={only}"
    with tempfile.TemporaryDirectory(prefix="gabion-vm-") as scratch:
        first_root = Path(scratch, "first-root.cpio")
        assets.first_root(modules, first_root)
        for place, accelerator in enumerate(accelerators):
            report = Report(kernel)
            began = time.monotonic()
            say(f"  {kernel.name}: booting, accelerator {accelerator.name} ({accelerator.what})")
            folder = ROOT / "out/vm" / kernel.name
            try:
                Machine(machine.HARDWARE[kernel.arch], accelerator, image, first_root, disk, words, folder).run(report.hear, LIMIT_SECONDS)
            except NotVirtualized as why:
                say(f"  {kernel.name}: {accelerator.name} runs nothing here ({why}; {time.monotonic() - began:.1f} s)")
                continue
            except Refusal as refusal:
                say(f"  {kernel.name}: {refusal}")
            if not report.ended:
                say(machine.tail(folder / "console.log"))
            say(f"  {kernel.name}: {time.monotonic() - began:.1f} s under {accelerator.name}")
            return report, accelerators[place:]
    raise Refusal(f"no accelerator runs a machine here; tried: {', '.join(each.name for each in accelerators)}")


def lock(_: argparse.Namespace) -> None:
    for arch in machine.HARDWARE:
        Assets(settings.home(), arch).write_locks()


def main() -> int:
    parser = argparse.ArgumentParser(prog="e2e/vm/vm", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    testing = commands.add_parser("test", help="boot the kernels and run the cases in them")
    testing.add_argument("--kernel", default="", help="only this one, by its suite")
    testing.add_argument("--only", default="", help="only cases whose name this regular expression finds")
    testing.add_argument("--arch", choices=sorted(machine.HARDWARE), default="amd64", help="the machine's architecture")
    testing.set_defaults(action=test)
    commands.add_parser("lock", help="resolve system and kernels afresh and write the lock files").set_defaults(action=lock)
    arguments = parser.parse_args()
    began = time.monotonic()
    try:
        with exclusive(settings.home() / "vm.lock"):
            arguments.action(arguments)
        say(f"  {time.monotonic() - began:.1f} s")
        return 0
    except Refusal as refusal:
        return fail(refusal)
    except KeyboardInterrupt:
        return 130
