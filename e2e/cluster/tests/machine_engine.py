# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""The engine's cases on the real machine, each with a private engine: own socket, own folders, no network.

The machine's own engine and cluster are not touched. Run by `make harness-test`; needs root.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from gabion_cluster import engine, runc_bounded
from gabion_cluster.engine import Engine
from gabion_cluster.shell import Refusal, pipe

PR_CAPBSET_DROP = 24
CAP_WAKE_ALARM = 35


class PrivateEngine(unittest.TestCase):
    def setUp(self):
        if os.geteuid() != 0:
            self.fail("only root can start a container engine: run as root")
        # On a real file system (a union of unions is refused), and short, for the limit of a socket's path.
        self.root = Path(tempfile.mkdtemp(prefix="gabion-engine-", dir="/var/tmp"))
        self.engine = Engine(
            log=self.root / "log",
            socket=self.root / "socket",
            pid_file=self.root / "pid",
            exec_root=self.root / "exec",
            data_root=self.root / "data",
            options=("--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false"),
        )
        self.addCleanup(self.clean)
        os.environ["GABION_HOME"] = str(self.root / "home")

    def clean(self):
        os.environ.pop("GABION_HOME", None)
        for container in self.engine.docker("ps", "-aq", check=False, timeout=15).stdout.split():
            self.engine.docker("rm", "--force", container, check=False, timeout=30)
        self.end(signal.SIGTERM)
        self.end(signal.SIGKILL)
        for line in Path("/proc/mounts").read_text().splitlines():
            place = line.split()[1]
            if place.startswith(f"{self.root}/"):
                subprocess.run(["umount", "--lazy", place], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.root, ignore_errors=True)

    def pids(self) -> list[int]:
        """dockerd and its containerd, as their own pid files name them; only those of this test."""
        named = (engine.read_pid(f) for f in (self.engine.pid_file, self.root / "exec/containerd/containerd.pid"))
        return [pid for pid in named if pid and engine.command_name(pid) in ("dockerd", "containerd")]

    def end(self, number: int):
        pids = self.pids()
        for pid in pids:
            os.kill(pid, number)
        deadline = time.monotonic() + 10
        while any(engine.command_name(pid) for pid in pids) and time.monotonic() < deadline:
            time.sleep(0.1)

    def tiny_image(self):
        root = self.root / "tiny"
        (root / "bin").mkdir(parents=True)
        shutil.copy("/bin/busybox", root / "bin/busybox")
        for name in ("sh", "cat", "sleep"):
            (root / "bin" / name).symlink_to("busybox")
        pipe(["tar", "-C", root, "-c", "."], [*self.engine.client(), "import", "-", "tiny:1"], 30)


class NoEngine(PrivateEngine):
    def test_one_is_started_and_runs_a_privileged_container(self):
        self.assertFalse(self.engine.answers())
        engine.ensure(self.engine)
        self.tiny_image()
        status = self.engine.docker("run", "--rm", "--privileged", "--network=none", "tiny:1", "cat", "/proc/self/status").stdout
        inside = runc_bounded.bounding(status)
        here = runc_bounded.bounding(Path("/proc/self/status").read_text())
        self.assertLessEqual(inside, here)
        # An engine whose runtime is plain runc knows no newer ones.
        self.assertLessEqual(here - runc_bounded.NEWER, inside)

    def test_a_running_one_is_left_alone(self):
        engine.ensure(self.engine)
        before = self.pids()
        engine.ensure(self.engine)
        self.assertEqual(self.pids(), before)


class DeadEngine(PrivateEngine):
    def test_it_comes_back_after_everything_was_killed_with_its_leftovers_in_place(self):
        engine.ensure(self.engine)
        self.tiny_image()
        self.engine.docker("run", "--detach", "--name=kept", "--network=none", "tiny:1", "sleep", "600")
        killed = self.pids()
        self.assertEqual(len(killed), 2)
        self.end(signal.SIGKILL)
        self.assertTrue(self.engine.pid_file.exists())
        self.assertFalse(self.engine.answers())

        engine.ensure(self.engine)

        self.assertTrue(self.engine.answers())
        self.assertFalse(set(self.pids()) & set(killed))
        self.engine.docker("start", "kept", timeout=30)
        state = self.engine.docker("inspect", "--format", "{{.State.Running}}", "kept").stdout.strip()
        self.assertEqual(state, "true")

    def test_it_comes_back_when_only_its_head_was_killed_and_its_pid_was_given_to_somebody_else(self):
        engine.ensure(self.engine)
        dockerd = engine.read_pid(self.engine.pid_file)
        os.kill(dockerd, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while engine.command_name(dockerd) and time.monotonic() < deadline:
            time.sleep(0.05)
        other = subprocess.Popen(["sleep", "600"])
        try:
            self.engine.pid_file.write_text(str(other.pid))
            engine.ensure(self.engine)
            self.assertTrue(self.engine.answers())
            self.assertIsNone(other.poll())
        finally:
            other.kill()
            other.wait()

    def test_one_that_cannot_start_is_reported_with_the_end_of_its_log(self):
        broken = Engine(**{**self.engine.__dict__, "options": ("--storage-driver=nonsense",)})
        with self.assertRaisesRegex(Refusal, "(?s)dockerd ended with .*nonsense"):
            engine.ensure(broken)


class LackingCapability(PrivateEngine):
    def test_privileged_containers_run_with_one_capability_less(self):
        # The child's bounding set lacks one that this machine has; the engine it starts inherits that.
        self.assertIn("CAP_WAKE_ALARM", runc_bounded.bounding(Path("/proc/self/status").read_text()))
        script = (
            "import sys; sys.path.insert(0, sys.argv[1])\n"
            "from pathlib import Path\n"
            "from gabion_cluster import engine\n"
            "root = Path(sys.argv[2])\n"
            "assert 'CAP_WAKE_ALARM' in engine.lacking_here(), engine.lacking_here()\n"
            "engine.ensure(engine.Engine(log=root/'log', socket=root/'socket', pid_file=root/'pid', exec_root=root/'exec',\n"
            "    data_root=root/'data', options=tuple(sys.argv[3:])))\n"
        )
        libc = ctypes.CDLL(None, use_errno=True)

        def drop():
            if libc.prctl(PR_CAPBSET_DROP, CAP_WAKE_ALARM, 0, 0, 0) != 0:
                os._exit(99)

        done = subprocess.run(
            [sys.executable, "-B", "-c", script, str(Path(engine.__file__).parents[1]), str(self.root), *self.engine.options],
            preexec_fn=drop,
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("CAP_WAKE_ALARM", done.stdout)
        self.assertEqual(self.engine.default_runtime(), engine.BOUNDED_RUNTIME)
        self.tiny_image()
        command = ["run", "--rm", "--privileged", "--network=none"]

        # The plain runtime is refused: the case is real.
        plain = self.engine.docker(*command, "--runtime=runc", "tiny:1", "cat", "/proc/self/status", check=False, timeout=30)
        self.assertNotEqual(plain.returncode, 0)
        self.assertIn("caps", plain.stderr)
        # Ours runs, without the one, with all others.
        inside = runc_bounded.bounding(self.engine.docker(*command, "tiny:1", "cat", "/proc/self/status", timeout=30).stdout)
        here = runc_bounded.bounding(Path("/proc/self/status").read_text())
        self.assertEqual(inside, here - {"CAP_WAKE_ALARM"})
        # And so does a program that is started in it later.
        self.engine.docker("run", "--detach", "--name=long", *command[2:], "tiny:1", "sleep", "600", timeout=30)
        later = self.engine.docker("exec", "--privileged", "long", "cat", "/proc/self/status", timeout=30).stdout
        self.assertNotIn("CAP_WAKE_ALARM", runc_bounded.bounding(later))


if __name__ == "__main__":
    unittest.main()
