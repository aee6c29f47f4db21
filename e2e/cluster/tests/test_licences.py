# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Every source file says its licence in its first lines. Java's formatter sees to Java's; this is for all the others."""

from __future__ import annotations

import subprocess
import unittest
from pathlib import Path

from gabion_cluster import settings

ROOT = settings.HERE.parent.parent
KINDS = {".java", ".c", ".h", ".py", ".sh", ".mk", ".js", ".proto", ".go", ".xml", ".tpl"}
NAMES = {"Makefile", "NOTES.txt"}
FIRST_LINES = 6


def wants_a_licence(path: Path) -> bool:
    """The chart's templates are written by hand; other YAML is generated, or a sample to be read and applied."""
    return path.suffix in KINDS or path.name in NAMES or "templates" in path.parts


class Licences(unittest.TestCase):
    def test_each_source_file_names_its_licence(self) -> None:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
        if listed.returncode != 0:
            self.skipTest("this tree is not a git clone: which files are sources is not known")
        files = [Path(name) for name in listed.stdout.decode().split("\0") if name and wants_a_licence(Path(name))]
        self.assertGreater(len(files), 500)
        bare = []
        for file in files:
            head = (ROOT / file).read_text(encoding="utf-8", errors="replace").splitlines()[:FIRST_LINES]
            if not any("SPDX-License-Identifier: Apache-2.0" in line for line in head):
                bare.append(str(file))
        self.assertEqual(bare, [])


if __name__ == "__main__":
    unittest.main()
