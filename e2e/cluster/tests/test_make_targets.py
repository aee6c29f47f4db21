# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Each target of `make help` works alone: on a machine with nothing but a shell it says what it lacks and what installs it."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from gabion_cluster import settings

ROOT = settings.HERE.parent.parent
# Their first step installs what they need (see below); to run them here would be to run them in themselves.
WHOLE = {"test": "e2e/test.sh", "demo": "e2e/demo/demo.sh"}
SHELL = """awk bash basename cat cut date dirname env find grep head id make mkdir mktemp readlink rm sed sort tail touch tr
uname""".split()
REMEDY = re.compile(r"install it with: |install-deps\.sh|no apt-get to install them with: |run: make |install it from ")


def text_of_make() -> str:
    return "\n".join(file.read_text() for file in [ROOT / "Makefile", *sorted(ROOT.glob("*/*.mk"))])


def described() -> set[str]:
    listed = subprocess.run(["make", "-C", ROOT, "--no-print-directory", "help"], capture_output=True, text=True, check=True)
    return {line.split()[0] for line in listed.stdout.splitlines()}


class Targets(unittest.TestCase):
    def test_help_names_every_target(self):
        phony = {name for line in re.findall(r"^\.PHONY: (.*)$", text_of_make(), re.MULTILINE) for name in line.split()}
        targets = set(re.findall(r"^([a-z][a-z0-9-]*):(?!=)", text_of_make(), re.MULTILINE))
        self.assertEqual(described(), phony)
        self.assertEqual(described(), targets)

    def test_a_missing_tool_is_named_with_what_installs_it(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in SHELL:
                Path(folder, name).symlink_to(shutil.which(name))
            env = {"PATH": folder, "HOME": folder, "GABION_HOME": f"{folder}/home", "LC_ALL": "C"}
            for target in sorted(described() - {"help", *WHOLE}):
                with self.subTest(target):
                    done = subprocess.run(
                        ["make", "-C", ROOT, "--no-print-directory", target],
                        env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                    )  # fmt: skip
                    self.assertNotEqual(done.returncode, 0)
                    self.assertRegex(done.stdout + done.stderr, REMEDY)
                    self.assertNotIn("command not found", done.stdout + done.stderr)

    def test_the_whole_ones_install_first_what_they_need(self):
        for target, script in WHOLE.items():
            with self.subTest(target):
                lines = (ROOT / script).read_text().splitlines()
                first = next(n for n, line in enumerate(lines) if "install-deps.sh" in line)
                using = next(n for n, line in enumerate(lines) if re.match(r"(?!#).*\b(make|mvn|helm|kubectl|docker) [a-z-]", line))
                self.assertLess(first, using)


if __name__ == "__main__":
    unittest.main()
