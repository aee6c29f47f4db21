# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""The same inputs give the same digests: layers are made twice, from nothing, and compared.

Left out are the AOT caches: the JVM writes addresses and times into them; they are layers of their own for that reason.
"""

from __future__ import annotations

import sys
import tempfile
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2] / "cluster")]

from gabion_cluster import settings  # noqa: E402
from gabion_images import build, catalogue, debian  # noqa: E402
from gabion_images.layers import Store  # noqa: E402


class Reproducible(unittest.TestCase):
    def layers(self, locks: dict, folder: str) -> dict[str, str]:
        builder = build.Builder(settings.home())
        builder.store = Store(Path(folder))
        builder.locks = locks
        base = builder.base()
        jre, _ = builder.jre("runner", catalogue.RUNNER_MODULES, [])
        made = [base, jre]
        for name in ("python", "bash"):
            made.append(builder.language(name, catalogue.LANGUAGES[name], base))
        return {layer.name: layer.diff_id for layer in made}

    def test_two_builds_agree(self):
        locks = debian.locked(settings.home(), build.FILES.parent / "locks", settings.architecture())
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
            first, second = self.layers(locks, one), self.layers(locks, two)
        self.assertEqual(set(first), {"base", "jre-runner", "language-python", "language-bash"})
        self.assertEqual(first, second)


if __name__ == "__main__":
    unittest.main()
