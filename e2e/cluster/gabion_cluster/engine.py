# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""The container engine: found running, or started by hand where no service manager does it.

An engine that died leaves pid files and sockets behind; whatever names no living process is removed before the start.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from gabion_cluster import runc_bounded, settings
from gabion_cluster.shell import Refusal, run, say, step, wait_until

BOUNDED_RUNTIME = "bounded"
START_SECONDS = 60
# The classic builder and importer need no plugin; a newer client must not insist on one.
CLIENT_ENV = {"DOCKER_BUILDKIT": "0", "DOCKER_CLI_HINTS": "false"}


@dataclass(frozen=True)
class Engine:
    """One dockerd by its files. The default is the machine's own; tests make private ones."""

    log: Path
    socket: Path = Path("/var/run/docker.sock")
    pid_file: Path = Path("/var/run/docker.pid")
    exec_root: Path = Path("/var/run/docker")
    data_root: Path | None = None
    options: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=lambda: dict(CLIENT_ENV))

    @property
    def is_system(self) -> bool:
        return self.socket == Path("/var/run/docker.sock")

    def docker(self, *words: str | Path, check: bool = True, timeout: float | None = None, stdin: bytes | None = None):
        return run(*self.client(), *words, check=check, timeout=timeout, env=self.env, stdin=stdin)

    def client(self) -> list[str]:
        """The client's command line; the machine's own engine may be elsewhere (DOCKER_HOST, a context)."""
        return ["docker"] if self.is_system else ["docker", "-H", f"unix://{self.socket}"]

    def answers(self) -> bool:
        return self.docker("version", "--format", "{{.Server.Version}}", check=False, timeout=15).returncode == 0

    def default_runtime(self) -> str:
        return self.docker("info", "--format", "{{.DefaultRuntime}}", timeout=30).stdout.strip()


def system() -> Engine:
    return Engine(log=settings.home() / "dockerd.log")


def lacking_here() -> set[str]:
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    return runc_bounded.lacking(Path("/proc/self/status").read_text(), last)


def ensure(engine: Engine) -> None:
    """Leaves a usable engine running, or says why there is none."""
    if not shutil.which("docker") or not shutil.which("dockerd"):
        if not (shutil.which("docker") and engine.answers()):
            raise Refusal("there is no container engine on this machine; run: e2e/install-deps.sh cluster")
    if engine.answers():
        require_fitting_runtime(engine)
        return
    if engine.is_system and os.environ.get("DOCKER_HOST"):
        raise Refusal(f"no engine answers at DOCKER_HOST={os.environ['DOCKER_HOST']}; start it or unset the variable")
    if os.geteuid() != 0:
        raise Refusal(
            "the container engine does not answer, and only root can start it: start the docker service, and if it "
            "runs, add yourself to the docker group"
        )
    if engine.is_system and Path("/run/systemd/system").is_dir() and not lacking_here():
        with step("container engine: systemctl start docker"):
            run("systemctl", "start", "docker", timeout=START_SECONDS)
            wait_until("the container engine answers", lambda: None if engine.answers() else "no answer", START_SECONDS)
        return
    with step(f"container engine: starting dockerd by hand, log in {engine.log}"):
        start(engine)


def require_fitting_runtime(engine: Engine) -> None:
    lack = lacking_here()
    if lack and engine.default_runtime() != BOUNDED_RUNTIME:
        raise Refusal(
            f"this machine's bounding set lacks {', '.join(sorted(lack))}, so privileged containers need a runtime "
            "that leaves it out, and the running engine was started without; stop that engine and run this again"
        )


def start(engine: Engine) -> None:
    if clear_leftovers(engine):
        return
    engine.log.parent.mkdir(parents=True, exist_ok=True)
    command = ["dockerd", "--host", f"unix://{engine.socket}", "--pidfile", str(engine.pid_file)]
    command += ["--exec-root", str(engine.exec_root)]
    if engine.data_root:
        command += ["--data-root", str(engine.data_root)]
    lack = lacking_here()
    if lack:
        say(f"      the bounding set lacks {', '.join(sorted(lack))}: containers get a runtime that leaves it out")
        wrapper = install_wrapper()
        command += ["--add-runtime", f"{BOUNDED_RUNTIME}={wrapper}", "--default-runtime", BOUNDED_RUNTIME]
    with engine.log.open("ab") as log:
        # A session and descriptors of its own: whoever waits for our output must not wait for the engine.
        daemon = subprocess.Popen(
            [*command, *engine.options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd="/",
        )

    def missing() -> str | None:
        if daemon.poll() is not None:
            tail = "\n".join(engine.log.read_text(errors="replace").splitlines()[-15:])
            raise Refusal(f"dockerd ended with {daemon.returncode}; the end of {engine.log}:\n{tail}")
        return None if engine.answers() else f"no answer yet, see {engine.log}"

    wait_until("the container engine answers", missing, START_SECONDS)


def install_wrapper() -> Path:
    place = settings.home() / "engine" / "runc-bounded"
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f".{place.name}.{os.getpid()}")
    shutil.copyfile(runc_bounded.__file__, fresh)
    fresh.chmod(0o755)
    fresh.rename(place)
    return place


def clear_leftovers(engine: Engine) -> bool:
    """Removes pid files that name nobody (or somebody else) and ends an orphaned containerd.

    Answers true when the engine turned out to be alive: it was only slow.
    """
    for pid_file, program in ((engine.pid_file, "dockerd"), (engine.exec_root / "containerd/containerd.pid", "containerd")):
        pid = read_pid(pid_file)
        if pid is None:
            continue
        if command_name(pid) == program:
            if program == "dockerd":
                # It may still be starting: give it the time of a start before it is called dead.
                say(f"      a dockerd (pid {pid}) is there but does not answer; waiting for it")
                try:
                    wait_until("dockerd answers or ends", lambda: settled(engine, pid), START_SECONDS / 2)
                except Refusal:
                    raise Refusal(f"dockerd (pid {pid}) runs but does not answer; end it and run this again") from None
                if engine.answers():
                    return True
            else:
                end(pid, program)
        say(f"      removing the stale {pid_file}")
        pid_file.unlink(missing_ok=True)
    return False


def settled(engine: Engine, pid: int) -> str | None:
    return None if engine.answers() or command_name(pid) != "dockerd" else "no answer"


def end(pid: int, program: str) -> None:
    """Ends an engine's orphaned containerd; its containers' shims go on and are taken over by the next one."""
    say(f"      ending the orphaned {program} (pid {pid})")
    for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
        if command_name(pid) != program:
            return
        os.kill(pid, number)
        deadline = time.monotonic() + patience
        while command_name(pid) == program and time.monotonic() < deadline:
            time.sleep(0.1)


def read_pid(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text())
    except FileNotFoundError:
        return None
    except ValueError:
        return 0  # unreadable: nobody's, to be removed


def command_name(pid: int) -> str | None:
    """The name of a living process; None when there is none or only its zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    name, state = stat[stat.index("(") + 1 : stat.rindex(")")], stat[stat.rindex(")") + 2]
    return None if state in "ZX" else name
