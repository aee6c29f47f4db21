# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from gabion_cluster import gvisor
from gabion_cluster.kindcluster import Node
from gabion_cluster.shell import Refusal


class GvisorTest(unittest.TestCase):
    def test_takes_the_last_worker(self):
        nodes = [Node("g-control-plane", True), Node("g-worker", True), Node("g-worker2", True)]
        self.assertEqual(gvisor.worker(nodes).name, "g-worker2")

    def test_refuses_a_cluster_that_is_not_up(self):
        for nodes in ([], [Node("g-control-plane", True)], [Node("g-control-plane", True), Node("g-worker", False)]):
            with self.subTest(nodes=nodes), self.assertRaisesRegex(Refusal, "make cluster-up"):
                gvisor.worker(nodes)

    def test_handler_is_added_once_and_replaced_when_it_changes(self):
        block = (gvisor.FILES / "containerd.toml").read_text()
        once = gvisor.with_handler("version = 2\n", block)
        self.assertTrue(once.startswith("version = 2\n"))
        self.assertEqual(gvisor.with_handler(once, block), once)
        self.assertEqual(gvisor.with_handler(once.replace("runsc.v1", "old"), block), once)

    def test_patch_refuses_a_source_that_it_does_not_know(self):
        before = "".join(before for before, _ in gvisor.PATCHES)
        self.assertNotIn("userns", gvisor.patched(before))
        with self.assertRaises(Refusal):
            gvisor.patched(gvisor.patched(before))

    def test_pinned_version_is_in_go_sum(self):
        self.assertIn(f"gvisor.dev/gvisor {gvisor.VERSION} ", (gvisor.MODULE / "go.sum").read_text())


class RunscInSliceTest(unittest.TestCase):
    """The wrapper's rewriting, with a runsc that only prints what it was given."""

    def run_wrapper(self, cgroup: str) -> tuple[str, str]:
        with tempfile.TemporaryDirectory() as folder:
            config, runsc = Path(folder) / "config.json", Path(folder) / "runsc"
            config.write_text('{"linux": {"cgroupsPath": "%s"}}' % cgroup)
            runsc.write_text('#!/bin/sh\necho "$@"\n')
            runsc.chmod(0o755)
            done = subprocess.run(
                [gvisor.FILES / "runsc-in-slice", "--root=/r", "create", "--bundle", folder, "a b"],
                capture_output=True, text=True, check=True, env={**os.environ, "RUNSC": str(runsc)},
            )  # fmt: skip
            return done.stdout.replace(folder, "BUNDLE"), config.read_text().strip()

    def test_slice_becomes_a_path(self):
        said, config = self.run_wrapper("kubelet-kubepods-burstable-pod1_2.slice:cri-containerd:abc")
        self.assertEqual(said, "--root=/r create --bundle BUNDLE a b\n")
        self.assertEqual(
            config,
            '{"linux":{"cgroupsPath":"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice'
            '/kubelet-kubepods-burstable-pod1_2.slice/cri-containerd-abc.scope"}}',
        )

    def test_path_stays(self):
        _, config = self.run_wrapper("/kubepods/pod1/abc")
        self.assertIn('"/kubepods/pod1/abc"', config)


if __name__ == "__main__":
    unittest.main()
