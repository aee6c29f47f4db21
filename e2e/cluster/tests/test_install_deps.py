# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""What install-deps.sh would install on machines that are not this one: their apt, dpkg and programs are played."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import unittest
from dataclasses import dataclass, field
from pathlib import Path

from gabion_cluster import settings

SCRIPT = settings.HERE.parent / "install-deps.sh"
BASICS = ("bash", "dirname", "env", "grep", "mktemp", "rm", "sort", "tail")
ALWAYS = "gcc libc6-dev make maven libseccomp-dev pkg-config bubblewrap python3 libseccomp2 binutils nodejs mmdebstrap"
ALWAYS += " debian-archive-keyring docker.io iptables jq busybox-static python3-prometheus-client clang"
# Looked for at its own place, because a guest sees only that one: it cannot be played.
WANTED = [name for name in ALWAYS.split() if name != "nodejs" or not Path("/usr/bin/node").exists()]


@dataclass
class Machine:
    """What a machine has and what its distribution offers beyond what both Debian and Ubuntu always had."""

    offers: str = ""
    installed: str = ""
    programs: str = ""
    jdk: bool = False
    go: bool = False
    root: bool = True
    apt: bool = True
    env: dict[str, str] = field(default_factory=dict)


# The newer names as the archives list them: Ubuntu 24.04 and 26.04 alike have both, and no docker-cli.
UBUNTU = Machine(offers="openjdk-25-jdk-headless golang-1.26-go")
DEBIAN_12 = Machine()
DEBIAN_13 = Machine(offers="docker-cli")
ALL_THERE = Machine(installed=ALWAYS, programs="docker dockerd", jdk=True, go=True)


class InstallDeps(unittest.TestCase):
    def run_on(self, machine: Machine, *groups: str) -> tuple[subprocess.CompletedProcess, list[str] | None]:
        """The script's end, and the packages that it had installed; None when apt was not asked to install."""
        with tempfile.TemporaryDirectory() as folder:
            here, path = Path(folder, "e2e"), Path(folder, "bin")
            here.mkdir()
            path.mkdir()
            shutil.copy(SCRIPT, here)
            log = Path(folder, "installed")

            def program(place: Path, text: str) -> None:
                place.write_text(f"#!{path}/bash\n{text}\n")
                place.chmod(0o755)

            for name in BASICS:
                (path / name).symlink_to(shutil.which(name))
            for name in machine.programs.split():
                program(path / name, "exit 0")
            program(here / "find-jdk.sh", f"exit {0 if machine.jdk else 1}")
            program(here / "find-go.sh", f"exit {0 if machine.go else 1}")
            program(path / "id", f"echo {0 if machine.root else 1000}")
            program(path / "dpkg-query", f'case " {machine.installed} " in *" ${{@: -1}} "*) printf installed ;; *) exit 1 ;; esac')
            known = f"{ALWAYS} {machine.offers}"
            program(path / "apt-cache", f'case " {known} " in *" ${{@: -1}} "*) c=1.0 ;; *) c="(none)" ;; esac\necho "  Candidate: $c"')
            if machine.apt:
                unknown = 'echo "E: Unable to locate package $p" >&2; exit 100'
                program(path / "apt-get", f"""[ "$1" = update ] && exit 0
for p in "$@"; do case $p in -*|install) continue ;; esac
  case " {known} " in *" $p "*) echo "$p" >> {log} ;; *) {unknown} ;; esac; done""")
            done = subprocess.run(
                [path / "bash", here / "install-deps.sh", *groups],
                env={"PATH": str(path), "TMPDIR": folder, **machine.env}, capture_output=True, text=True, timeout=30,
            )  # fmt: skip
            return done, sorted(log.read_text().split()) if log.exists() else None

    def test_nothing_is_done_where_all_is_there(self):
        done, installed = self.run_on(ALL_THERE)
        self.assertEqual((done.returncode, done.stdout, done.stderr, installed), (0, "", "", None))

    def test_ubuntu_has_all_of_it_from_its_own_archive(self):
        done, installed = self.run_on(UBUNTU, "build", "runner", "images", "cluster")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(installed, sorted([*WANTED, "openjdk-25-jdk-headless", "golang-1.26-go"]))

    def test_debian_12_is_asked_for_the_two_that_it_does_not_have_after_the_rest_is_installed(self):
        done, installed = self.run_on(DEBIAN_12)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(installed, sorted(WANTED))
        asked = [line for line in done.stderr.splitlines() if line.startswith("error: needed and not to be had")]
        self.assertEqual(len(asked), 2, done.stderr)
        self.assertIn("JDK 25", done.stderr)
        self.assertIn("Go 1.26", done.stderr)

    def test_debian_13_has_the_engines_client_apart(self):
        _, installed = self.run_on(DEBIAN_13, "cluster")
        self.assertIn("docker-cli", installed)

    def test_without_root_the_command_is_said_and_nothing_installed(self):
        done, installed = self.run_on(Machine(offers=UBUNTU.offers, root=False), "build")
        self.assertEqual((done.returncode, installed), (1, None))
        self.assertIn("run: sudo apt-get update && sudo apt-get install -y --no-install-recommends gcc", done.stderr)
        self.assertIn("openjdk-25-jdk-headless", done.stderr)

    def test_another_distribution_is_told_the_names(self):
        done, _ = self.run_on(Machine(apt=False, jdk=True), "build")
        self.assertEqual(done.returncode, 1)
        self.assertIn("missing here and no apt-get to install them with: gcc", done.stderr)

    def test_a_program_counts_for_its_package(self):
        _, installed = self.run_on(Machine(programs="mvn gcc make", jdk=True), "build")
        self.assertEqual(installed, ["libc6-dev", "libseccomp-dev", "pkg-config"])

    def test_go_is_not_asked_for_where_its_programs_are_there(self):
        programs = "docker dockerd kind kubectl helm"
        done, _ = self.run_on(Machine(installed=ALWAYS, programs=programs, jdk=True), "cluster")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("the node image has to be pulled", done.stdout)
        stock = Machine(offers=UBUNTU.offers, installed=ALWAYS, programs=programs, env={"GABION_NODE_IMAGE": "stock"})
        done, installed = self.run_on(stock, "cluster")
        self.assertEqual((done.returncode, done.stdout, installed), (0, "", None))
        done, _ = self.run_on(Machine(installed=ALWAYS, programs="docker dockerd", env={"GABION_NODE_IMAGE": "stock"}), "cluster")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Go 1.26", done.stderr)

    def test_an_unknown_group_is_refused_with_the_known_ones(self):
        done, _ = self.run_on(ALL_THERE, "browser")
        self.assertEqual(done.returncode, 2)
        self.assertIn("known: build runner images cluster", done.stderr)


if __name__ == "__main__":
    unittest.main()
