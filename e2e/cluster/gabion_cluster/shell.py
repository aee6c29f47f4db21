# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Running programs and telling the user what takes long."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

HEARTBEAT_SECONDS = 20


class Refusal(Exception):
    """Something the user has to change; the message says what."""


def say(text: str) -> None:
    print(text, flush=True)


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Announces a long step, shows that it is alive and prints what it took."""
    began = time.monotonic()
    say(f"  ... {what}")
    done = threading.Event()

    def beat() -> None:
        while not done.wait(HEARTBEAT_SECONDS):
            say(f"  ... {what}: {time.monotonic() - began:.0f} s so far")

    beater = threading.Thread(target=beat, daemon=True)
    beater.start()
    try:
        yield
    except BaseException:
        say(f"  FAILED after {time.monotonic() - began:.1f} s: {what}")
        raise
    finally:
        done.set()
        beater.join()
    say(f"  ok  {what} ({time.monotonic() - began:.1f} s)")


def run(
    *command: str | Path,
    stdin: bytes | None = None,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float | None = None,
    check: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end. A failure is a Refusal that carries the end of its output."""
    words = [str(word) for word in command]
    try:
        result = subprocess.run(
            words,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            timeout=timeout,
        )
    except FileNotFoundError as missing:
        raise Refusal(f"{words[0]} is not installed; run: e2e/install-deps.sh cluster") from missing
    except subprocess.TimeoutExpired as late:
        if check:
            raise Refusal(f"{shown(words)} did not end within {timeout:.0f} s") from late
        return subprocess.CompletedProcess(words, 124, "", f"no end within {timeout} s")
    out, err = (stream.decode(errors="replace") for stream in (result.stdout, result.stderr))
    if check and result.returncode != 0:
        tail = "\n".join((err.strip() or out.strip()).splitlines()[-25:])
        raise Refusal(f"{shown(words)} ended with {result.returncode}:\n{tail}")
    return subprocess.CompletedProcess(words, result.returncode, out, err)


def pipe(source: Sequence[str | Path], sink: Sequence[str | Path], timeout: float) -> None:
    """source | sink, both of which must succeed."""
    first = subprocess.Popen([str(w) for w in source], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        second = subprocess.run(
            [str(w) for w in sink], stdin=first.stdout, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout
        )
    finally:
        if first.stdout:
            first.stdout.close()
        if first.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                first.wait(timeout=10)
        if first.poll() is None:
            first.kill()
        first.wait()
    if first.returncode != 0 or second.returncode != 0:
        tail = "\n".join(second.stdout.decode(errors="replace").splitlines()[-25:])
        raise Refusal(f"{shown(source)} | {shown(sink)} ended with {first.returncode} | {second.returncode}:\n{tail}")


def shown(words: Sequence[str | Path]) -> str:
    text = " ".join(str(word) for word in words)
    return text if len(text) <= 200 else text[:200] + " ..."


def digest(*parts: str | bytes | Path) -> str:
    """One content hash over texts, bytes and files (a folder counts with all names and contents below it)."""
    total = hashlib.sha256()

    def add(data: bytes) -> None:
        total.update(len(data).to_bytes(8, "big"))
        total.update(data)

    for part in parts:
        if isinstance(part, Path) and part.is_dir():
            for file in sorted(path for path in part.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
                add(str(file.relative_to(part)).encode())
                add(file.read_bytes())
        elif isinstance(part, Path):
            add(part.read_bytes())
        else:
            add(part.encode() if isinstance(part, str) else part)
    return total.hexdigest()[:16]


@contextlib.contextmanager
def exclusive(lock_file: Path) -> Iterator[None]:
    """One harness at a time per home; the lock goes with the process and is not inherited by daemons."""
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"  ... waiting for another run of the harness ({lock_file})")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def wait_until(what: str, probe, seconds: float, pause: float = 0.5) -> None:
    """Waits for a condition: probe() answers None when it holds, else what is missing."""
    deadline = time.monotonic() + seconds
    missing = probe()
    while missing is not None:
        if time.monotonic() > deadline:
            raise Refusal(f"{what}: not within {seconds:.0f} s ({missing})")
        time.sleep(pause)
        missing = probe()


def fail(refusal: Refusal) -> int:
    print(f"error: {refusal}", file=sys.stderr, flush=True)
    return 1
