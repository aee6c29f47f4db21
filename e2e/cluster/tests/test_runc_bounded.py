# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from gabion_cluster import runc_bounded

ALL = 0x1FFFFFFFFFF
WITHOUT_SYS_RESOURCE = ALL & ~(1 << 24)


def status(mask: int) -> str:
    return f"Name:\tx\nCapEff:\t0000000000000000\nCapBnd:\t{mask:016x}\n"


class Bounding(unittest.TestCase):
    def test_bits_are_named_as_the_kernel_numbers_them(self):
        self.assertEqual(runc_bounded.NAMES[0], "CAP_CHOWN")
        self.assertEqual(runc_bounded.NAMES[21], "CAP_SYS_ADMIN")
        self.assertEqual(runc_bounded.NAMES[24], "CAP_SYS_RESOURCE")
        self.assertEqual(runc_bounded.NAMES[40], "CAP_CHECKPOINT_RESTORE")
        self.assertEqual(len(runc_bounded.NAMES), 41)

    def test_lacking_is_what_the_kernel_knows_and_the_set_does_not_hold(self):
        self.assertEqual(runc_bounded.lacking(status(ALL), 40), set())
        self.assertEqual(runc_bounded.lacking(status(WITHOUT_SYS_RESOURCE), 40), {"CAP_SYS_RESOURCE"})
        # an older kernel knows fewer: those are not missing
        self.assertEqual(runc_bounded.lacking(status((1 << 38) - 1), 37), set())

    def test_a_status_without_the_line_is_an_error(self):
        with self.assertRaises(ValueError):
            runc_bounded.bounding("Name:\tx\n")


class Rewriting(unittest.TestCase):
    allowed = runc_bounded.bounding(status(WITHOUT_SYS_RESOURCE))

    def test_a_privileged_set_loses_what_is_lacking_and_gains_what_is_newer(self):
        old_engine = runc_bounded.NAMES[:38]
        found = runc_bounded.bounded_set(old_engine, self.allowed)
        self.assertNotIn("CAP_SYS_RESOURCE", found)
        self.assertLessEqual(runc_bounded.NEWER, set(found))

    def test_an_ordinary_set_gains_nothing(self):
        self.assertEqual(runc_bounded.bounded_set(["CAP_KILL", "CAP_SYS_ADMIN"], self.allowed), ["CAP_KILL", "CAP_SYS_ADMIN"])

    def test_a_process_without_capabilities_stays_as_it_is(self):
        self.assertEqual(runc_bounded.bounded_process({"args": ["x"]}, self.allowed), {"args": ["x"]})

    def test_arguments_in_both_spellings(self):
        self.assertEqual(runc_bounded.files(["create", "--bundle", "/b", "id"]), ("/b", None))
        self.assertEqual(runc_bounded.files(["exec", "--process=/p", "id"]), (None, "/p"))
        self.assertEqual(runc_bounded.files(["state", "id"]), (None, None))
        self.assertEqual(runc_bounded.files(["exec", "-p"]), (None, ""))

    def test_the_program_rewrites_the_bundle_and_then_becomes_runc(self):
        with tempfile.TemporaryDirectory() as folder:
            bundle, programs = Path(folder, "bundle"), Path(folder, "bin")
            bundle.mkdir()
            programs.mkdir()
            config = bundle / "config.json"
            config.write_text(json.dumps({"process": {"capabilities": {"bounding": runc_bounded.NAMES}}, "root": {"path": "r"}}))
            fake = programs / "runc"
            fake.write_text('#!/bin/sh\necho "runc $*"\n')
            fake.chmod(0o755)
            done = subprocess.run(
                [sys.executable, runc_bounded.__file__, "create", "--bundle", str(bundle), "id"],
                env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"},
                capture_output=True,
                text=True,
                check=True,
            )
            self.assertEqual(done.stdout, f"runc create --bundle {bundle} id\n")
            after = json.loads(config.read_text())
            own = runc_bounded.bounding(Path("/proc/self/status").read_text())
            self.assertEqual(set(after["process"]["capabilities"]["bounding"]), own & set(runc_bounded.NAMES))
            self.assertEqual(after["root"], {"path": "r"})


if __name__ == "__main__":
    unittest.main()
