# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
from __future__ import annotations

import lzma
import os
import stat
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

E2E = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(E2E / "vm"), str(E2E / "images"), str(E2E / "cluster")]

from gabion_cluster.shell import Refusal  # noqa: E402
from gabion_images import debian  # noqa: E402
from gabion_vm import assets, cli, cpio, kernels, machine  # noqa: E402

MODULE = b"\x7fELF..\0license=GPL\0depends=%s\0name=x\0"


class KernelsTest(unittest.TestCase):
    def test_modules_come_behind_what_they_need(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, needed in (("virtio", b""), ("virtio_ring", b""), ("virtio-pci", b"virtio,virtio_ring"), ("virtio_blk", b"virtio,virtio_ring"),
                                 ("other", b"")):  # fmt: skip
                Path(folder, f"{name}.ko.xz").write_bytes(lzma.compress(MODULE % needed))
            found = kernels.disk_modules(Path(folder))
        self.assertEqual([name for name, _ in found], ["virtio", "virtio_ring", "virtio_pci", "virtio_blk"])
        self.assertEqual(found[0][1], MODULE % b"")

    def test_what_is_built_in_has_no_file(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "virtio_blk.ko").write_bytes(MODULE % b"virtio")
            self.assertEqual([name for name, _ in kernels.disk_modules(Path(folder))], ["virtio_blk"])

    def test_one_package_is_the_kernel(self):
        def named(name):
            return debian.Package(name, "1", "amd64", "a" * 64, 1, "debian", "pool/x")

        self.assertEqual(kernels.image_package([named("linux-image-cloud-amd64"), named("linux-image-6.1.0-1-cloud-amd64")]).name,
                         "linux-image-6.1.0-1-cloud-amd64")  # fmt: skip
        with self.assertRaisesRegex(Refusal, "0 packages"):
            kernels.image_package([named("linux-image-cloud-amd64")])

    def test_each_lock_is_there_and_names_what_it_is_for(self):
        for arch in machine.HARDWARE:
            for wanted in assets.locks(arch):
                packages = debian.parse_lock((assets.LOCKS / f"{wanted.name}.{arch}.lock").read_text(), wanted.name)
                self.assertLessEqual({package.arch for package in packages}, {arch, "all"})
                if wanted.name == "system":
                    self.assertLessEqual({"crun", "apparmor", "busybox-static", "python3"}, {package.name for package in packages})
                else:
                    self.assertEqual(kernels.image_package(packages), packages[0])


class CpioTest(unittest.TestCase):
    def test_entries_are_aligned_and_read_back(self):
        archive = cpio.Archive()
        archive.directory("dev")
        archive.console()
        archive.file("init", b"#!/bin/sh\n", 0o755)
        found, data = {}, archive.bytes()
        offset = 0
        while True:
            self.assertEqual(data[offset : offset + 6], b"070701")
            fields = [int(data[offset + 6 + 8 * each : offset + 14 + 8 * each], 16) for each in range(13)]
            name = data[offset + 110 : offset + 110 + fields[11] - 1].decode()
            start = (offset + 110 + fields[11] + 3) // 4 * 4
            if name == "TRAILER!!!":
                break
            found[name] = (fields[1], (fields[9], fields[10]), data[start : start + fields[6]])
            offset = (start + fields[6] + 3) // 4 * 4
        self.assertEqual(found["init"], (stat.S_IFREG | 0o755, (0, 0), b"#!/bin/sh\n"))
        self.assertEqual(found["dev/console"], (stat.S_IFCHR | 0o600, (5, 1), b""))
        self.assertEqual(found["dev"][0], stat.S_IFDIR | 0o755)


class MachineTest(unittest.TestCase):
    """QEMU is played by a shell script."""

    def machine(self, folder: Path, script: str, accelerator: machine.Accelerator) -> machine.Machine:
        program = folder / "qemu"
        program.write_text("#!/bin/sh\ncd " + str(folder) + "\n" + script)
        program.chmod(0o755)
        hardware = machine.Hardware(str(program), "qemu", (), "ttyS0", "ttyS1", (), (machine.KVM, machine.TCG))
        return machine.Machine(hardware, accelerator, Path("kernel"), Path("first"), Path("disk"), "gabion.only=", folder)

    def test_lines_are_heard_as_they_come(self):
        with tempfile.TemporaryDirectory() as folder:
            heard: list[str] = []
            self.machine(Path(folder), "printf 'one\\r\\ntw' >> cases.log; sleep 0.2; printf 'o\\n' >> cases.log", machine.TCG).run(heard.append, 10)
        self.assertEqual(heard, ["one", "two"])

    def test_an_accelerator_that_breaks_is_told_from_a_case_that_fails(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaises(machine.NotVirtualized):
                self.machine(Path(folder), "echo 'KVM internal error. Suberror: 1' >&2; exec sleep 30", machine.KVM).run(print, 10)
            with self.assertRaises(machine.NotVirtualized):
                self.machine(Path(folder), "echo 'failed to initialize kvm' >&2; exit 1", machine.KVM).run(print, 10)
            with mock.patch.object(machine, "FIRST_WORD_SECONDS", 0.2), self.assertRaises(machine.NotVirtualized):
                self.machine(Path(folder), "exec sleep 30", machine.KVM).run(print, 10)

    def test_a_machine_that_does_not_end_is_ended(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaisesRegex(Refusal, "not done within 0 s"):
                self.machine(Path(folder), "echo started >> cases.log; echo $$ > pid; exec sleep 30", machine.TCG).run(lambda _: None, 0.4)
            with self.assertRaises(ProcessLookupError):
                os.kill(int(Path(folder, "pid").read_text()), 0)

    def test_there_is_no_network_device_and_the_disk_is_not_written(self):
        command = self.machine(Path(tempfile.gettempdir()), "", machine.TCG).command()
        self.assertEqual(command[command.index("-nic") + 1], "none")
        self.assertTrue(command[command.index("-drive") + 1].endswith("snapshot=on"))

    def test_each_architecture_names_its_line_for_results(self):
        for hardware in machine.HARDWARE.values():
            made = machine.Machine(hardware, hardware.accelerators[-1], Path("k"), Path("f"), Path("d"), "", Path("/logs"))
            words = made.command()
            self.assertTrue(any(word.endswith("/logs/cases.log") for word in words), words)
            self.assertIn(f"gabion.results={hardware.results}", words[words.index("-append") + 1])

    def test_the_accelerator_can_be_forced(self):
        self.assertEqual(machine.candidates(machine.AMD64, "tcg"), [machine.TCG])
        with self.assertRaisesRegex(Refusal, "one of kvm, tcg"):
            machine.candidates(machine.AMD64, "hvf")
        with mock.patch("os.access", return_value=False):
            self.assertEqual(machine.candidates(machine.AMD64, ""), [machine.TCG])


class ReportTest(unittest.TestCase):
    def test_what_is_heard_is_counted(self):
        report = cli.Report(kernels.Kernel("trixie", "amd64", 6))
        with mock.patch("gabion_vm.cli.say") as said:
            report.hear('{"machine": "6.12"}')
            report.hear('{"case": "a", "outcome": "passed", "seconds": 1.0, "note": "well", "trouble": []}')
            report.hear('{"case": "b", "outcome": "failed", "seconds": 1.0, "note": "", "trouble": ["why"]}')
            report.hear('{"case": "c", "outcome": "skipped", "seconds": 0.0, "note": "no such thing", "trouble": []}')
            report.hear("not JSON")
        self.assertEqual((report.passed, report.failed, report.ended), (["trixie/a"], ["trixie/b"], False))
        self.assertEqual(report.skipped, ["trixie/c"])
        self.assertIn(mock.call("       why"), said.mock_calls)
        report.hear('{"end": true}')
        self.assertTrue(report.ended)


if __name__ == "__main__":
    unittest.main()
