# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
from __future__ import annotations

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from gabion_cluster import engine, shell
from gabion_cluster.engine import Engine
from gabion_cluster.shell import Refusal


class Leftovers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.engine = Engine(log=self.root / "log", socket=self.root / "socket", pid_file=self.root / "pid", exec_root=self.root / "exec")
        (self.root / "exec/containerd").mkdir(parents=True)

    def test_a_pid_file_of_a_dead_process_is_removed(self):
        gone = subprocess.Popen(["true"])
        gone.wait()
        self.engine.pid_file.write_text(str(gone.pid))
        self.assertFalse(engine.clear_leftovers(self.engine))
        self.assertFalse(self.engine.pid_file.exists())

    def test_a_pid_that_now_belongs_to_somebody_else_is_let_live(self):
        other = subprocess.Popen(["sleep", "60"])
        try:
            for file in (self.engine.pid_file, self.root / "exec/containerd/containerd.pid"):
                file.write_text(str(other.pid))
            engine.clear_leftovers(self.engine)
            self.assertFalse(self.engine.pid_file.exists())
            self.assertIsNone(other.poll())
        finally:
            other.kill()
            other.wait()

    def test_an_unreadable_pid_file_is_removed(self):
        self.engine.pid_file.write_text("not a number")
        engine.clear_leftovers(self.engine)
        self.assertFalse(self.engine.pid_file.exists())

    def test_a_zombie_is_nobody(self):
        child = subprocess.Popen(["true"])
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        self.assertIsNone(engine.command_name(child.pid))
        child.wait()

    def test_a_living_process_has_its_name(self):
        self.assertEqual(engine.command_name(os.getpid()), Path("/proc/self/comm").read_text().strip())


class Shell(unittest.TestCase):
    def test_a_failure_tells_command_code_and_the_end_of_the_output(self):
        with self.assertRaisesRegex(Refusal, r"sh -c .* ended with 3:\nwhy"):
            shell.run("sh", "-c", "echo why >&2; exit 3")

    def test_a_missing_program_tells_what_installs_it(self):
        with self.assertRaisesRegex(Refusal, "install-deps.sh"):
            shell.run("no-such-program-here")

    def test_a_pipe_fails_when_either_end_does(self):
        shell.pipe(["echo", "x"], ["cat"], 10)
        with self.assertRaises(Refusal):
            shell.pipe(["false"], ["cat"], 10)
        with self.assertRaises(Refusal):
            shell.pipe(["echo", "x"], ["false"], 10)

    def test_a_digest_tells_parts_apart_and_counts_names(self):
        self.assertNotEqual(shell.digest("ab", "c"), shell.digest("a", "bc"))
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "a")
            file.write_text("x")
            before = shell.digest(Path(folder))
            file.rename(Path(folder, "b"))
            self.assertNotEqual(before, shell.digest(Path(folder)))

    def test_waiting_tells_what_was_missing(self):
        with self.assertRaisesRegex(Refusal, r"tea is ready: not within 0 s \(no water\)"):
            shell.wait_until("tea is ready", lambda: "no water", 0, pause=0.01)
        shell.wait_until("tea is ready", lambda: None, 0)


if __name__ == "__main__":
    unittest.main()
