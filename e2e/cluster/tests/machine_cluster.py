# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""A cluster of one node that is interrupted while it is created, stopped, and found again.

Runs on the machine's engine beside the test cluster, under a name of its own; needs the node image (make cluster-up).
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from gabion_cluster import engine, nodechoice, settings, tools
from gabion_cluster.kindcluster import Action, Cluster, decide
from gabion_cluster.shell import wait_until

NAME = "gabion-harness"


class HalfCreated(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        tools.ensure_machine_tools()
        machine = engine.system()
        engine.ensure(machine)
        cls.image = nodechoice.ensure(machine)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        # Three nodes prove nothing here that one does not, and take a minute longer.
        lines = (settings.HERE / "kind.yaml").read_text().splitlines(keepends=True)
        config = Path(folder.name, "kind.yaml")
        config.write_text("".join(line for line in lines if "role: worker" not in line))
        cls.cluster = Cluster(machine, NAME, config, settings.home())
        cls.cluster.down()
        cls.addClassCleanup(cls.cluster.down)

    def decided(self) -> Action:
        cluster = self.cluster
        nodes = cluster.nodes()
        reachable = bool(nodes) and all(n.running for n in nodes) and cluster.not_ready() is None
        return decide(nodes, cluster.record(), cluster.inputs(self.image), reachable)[0]

    def test_1_killed_while_it_was_created(self):
        creating = subprocess.Popen(
            [str(w) for w in (self.cluster.kind, "create", "cluster", "--name", NAME, "--image", self.image,
                              "--config", self.cluster.config, "--kubeconfig", self.cluster.kubeconfig)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        wait_until("a node container is there", lambda: None if self.cluster.nodes() else "none", 30, pause=0.1)
        time.sleep(1)  # into the middle of it: anything between the first container and the end will do
        os.killpg(creating.pid, signal.SIGKILL)
        creating.wait()
        self.assertTrue(self.cluster.nodes())
        self.assertEqual(self.decided(), Action.RECREATE)
        before = {node.container for node in self.cluster.nodes()}

        self.cluster.up(self.image)

        self.assertEqual(self.decided(), Action.NOTHING)
        self.assertFalse(before & {node.container for node in self.cluster.nodes()})

    def test_2_its_node_was_killed(self):
        before = [node.container for node in self.cluster.nodes()]
        self.cluster.engine.docker("kill", *before)
        self.assertEqual(self.decided(), Action.START)

        self.cluster.up(self.image)

        self.assertEqual(self.decided(), Action.NOTHING)
        self.assertEqual([node.container for node in self.cluster.nodes()], before)

    def test_3_up_again_is_quick_and_changes_nothing(self):
        before = self.cluster.nodes()
        began = time.monotonic()
        self.cluster.up(self.image)
        self.assertLess(time.monotonic() - began, 3)
        self.assertEqual(self.cluster.nodes(), before)


if __name__ == "__main__":
    unittest.main()
