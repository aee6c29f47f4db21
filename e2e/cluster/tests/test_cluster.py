# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

from gabion_cluster.kindcluster import Action, Node, Record, decide, settings_for, unavailable
from gabion_cluster.nodechoice import choose, stock_image
from gabion_cluster.nodeimage import containerd_config, storage_manifest
from gabion_cluster.shell import Refusal

NODES = [Node("c", True, "1"), Node("w", True, "2")]
RECORD = Record("inputs", ("1", "2"))


class Decide(unittest.TestCase):
    def test_table(self):
        stopped = [NODES[0], Node("w", False, "2")]
        cases = [
            ("nothing there", [], None, "inputs", False, Action.CREATE, "there is none"),
            ("a record of one that is gone", [], RECORD, "inputs", False, Action.CREATE, "there is none"),
            ("killed while it was created", NODES, None, "inputs", True, Action.RECREATE, "never ended"),
            ("a node was removed", NODES[:1], RECORD, "inputs", True, Action.RECREATE, "not those"),
            ("a node was replaced", [NODES[0], Node("w", True, "3")], RECORD, "inputs", True, Action.RECREATE, "not those"),
            ("another node image", NODES, RECORD, "changed", True, Action.RECREATE, "have changed"),
            ("the engine was restarted", stopped, RECORD, "inputs", False, Action.START, "stopped: w"),
            ("nothing answers", NODES, RECORD, "inputs", False, Action.START, "does not answer"),
            ("all well", NODES, RECORD, "inputs", True, Action.NOTHING, "it is up"),
        ]
        for name, nodes, record, inputs, reachable, action, why in cases:
            with self.subTest(name):
                found, reason = decide(nodes, record, inputs, reachable)
                self.assertEqual(found, action)
                self.assertIn(why, reason)


class SystemPods(unittest.TestCase):
    def test_only_the_clusters_own_deployments_count(self):
        dns, storage = "kube-system/coredns=2/2", "local-path-storage/local-path-provisioner=1/1"
        self.assertEqual(unavailable([dns, storage, "gabion-system/gabion-operator=2/"]), [])
        self.assertEqual(unavailable(["kube-system/coredns=2/1", storage]), ["coredns"])
        self.assertEqual(unavailable(["kube-system/coredns=2/", storage]), ["coredns"])
        self.assertEqual(unavailable([]), ["DNS and storage"])


class NodeImage(unittest.TestCase):
    def never(self):
        self.fail("no registry is to be asked")

    def test_a_forced_way_asks_nobody(self):
        for wanted, way in (("build", "build"), ("stock", "stock"), ("example/node:1", "named")):
            self.assertEqual(choose(wanted, True, True, self.never), (way, f"GABION_NODE_IMAGE={wanted}"))

    def test_what_is_here_is_taken_before_a_registry_is_asked(self):
        self.assertEqual(choose("", True, True, self.never)[0], "stock")
        self.assertEqual(choose("auto", True, False, self.never)[0], "build")

    def test_the_registry_is_asked_once(self):
        asked = []
        for answer, way in ((True, "stock"), (False, "build")):
            asked.clear()
            self.assertEqual(choose("", False, False, lambda: asked.append(1) or answer)[0], way)
            self.assertEqual(len(asked), 1)

    def test_the_stock_image_is_the_one_that_kind_itself_names(self):
        name = "kindest/node:v1.37.0@sha256:" + "a1" * 32
        with tempfile.TemporaryDirectory() as folder:
            kind = Path(folder, "kind")
            kind.write_bytes(b"\x7fELF kindest/node and text before" + name.encode() + b"abc after\x00")
            self.assertEqual(stock_image(kind), name)
            kind.write_bytes(b"\x7fELF kindest/node:latest")
            with self.assertRaisesRegex(Refusal, "names 0 node images of its own, not one; set GABION_NODE_IMAGE"):
                stock_image(kind)

    def test_only_a_stock_image_on_a_machine_that_lacks_the_capability_needs_other_settings(self):
        text, built, stock = "kind: Cluster\n", "localhost/gabion/node:v1-0", "kindest/node:v1"
        self.assertEqual(settings_for(text, stock, set()), text)
        self.assertEqual(settings_for(text, stock, {"CAP_WAKE_ALARM"}), text)
        self.assertEqual(settings_for(text, built, {"CAP_SYS_RESOURCE"}), text)
        self.assertIn("restrict_oom_score_adj = true", settings_for(text, stock, {"CAP_SYS_RESOURCE"}))

    def test_containerd_settings(self):
        text = 'a\n  sandbox_image = "r/pause:3.10"\n  restrict_oom_score_adj = false\n'
        self.assertEqual(
            containerd_config(text, "r/pause:3.10.1"), 'a\n  sandbox_image = "r/pause:3.10.1"\n  restrict_oom_score_adj = true\n'
        )
        with self.assertRaisesRegex(Refusal, "changed their form"):
            containerd_config("sandbox_image = 1", "p")

    def test_storage_manifest(self):
        source = "package x\nconst defaultStorageManifest = `a: ` + storageProvisionerImage + `\nb: ` + storageHelperImage + `\n`\n"
        self.assertEqual(storage_manifest(source, "p", "h"), "a: p\nb: h\n")
        with self.assertRaisesRegex(Refusal, "changed its form"):
            storage_manifest("package x", "p", "h")


if __name__ == "__main__":
    unittest.main()
