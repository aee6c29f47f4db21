# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""With a registry at hand: the machine's engine pushes an image to one on loopback, and pulls it as it would a node image."""

from __future__ import annotations

import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "images"))

from gabion_cluster import engine, nodechoice, nodeimage  # noqa: E402
from gabion_images import cli  # noqa: E402
from gabion_images.layers import Built, Store, encode  # noqa: E402
from tests.registry import Registry  # noqa: E402

REFERENCE = "localhost/gabion/harness-test:1"


class WithARegistry(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = engine.system()
        engine.ensure(cls.engine)

    def registry(self, **kind) -> Registry:
        registry = Registry(**kind)
        self.addCleanup(registry.close)
        return registry

    def test_what_was_pushed_is_pulled_by_its_digest(self):
        registry = self.registry()
        with tempfile.TemporaryDirectory() as folder:
            root, store = Path(folder, "root"), Store(Path(folder, "layers"))
            root.mkdir()
            (root / "hello").write_text("from a layer\n")
            layer = store.put("only", "0", root)
            config = encode({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [layer.diff_id]}})
            image = Built(REFERENCE, config, (layer,))
            cli.push_all(self.engine, [image], store, f"{registry.address}/team/gabion")
        self.assertFalse(nodeimage.present(self.engine, REFERENCE), "what was loaded for the push is still there")
        pushed = next(key for key in registry.manifests if key.startswith("sha256:"))
        target = f"{registry.address}/team/gabion/harness-test:1@{pushed}"
        self.addCleanup(self.engine.docker, "rmi", "--force", image.config_digest, check=False)

        self.assertTrue(nodechoice.pull(self.engine, target))

        found = self.engine.docker("image", "inspect", "--format", "{{.Id}}", target).stdout.strip()
        self.assertEqual(found, f"sha256:{image.config_digest}")

    def test_a_registry_that_does_not_have_it_is_a_quick_no(self):
        self.assertFalse(nodechoice.pull(self.engine, f"{self.registry().address}/node:v0"))

    def test_one_that_never_answers_is_not_waited_for_longer_than_said(self):
        began = time.monotonic()
        self.assertFalse(nodechoice.pull(self.engine, f"{self.registry(silent=True).address}/node:v0", answer_seconds=2))
        self.assertLess(time.monotonic() - began, 10)

    def test_no_registry_at_all_is_a_quick_no(self):
        registry = Registry()
        registry.close()
        self.assertFalse(nodechoice.pull(self.engine, f"{registry.address}/node:v0"))


if __name__ == "__main__":
    unittest.main()
