#!/usr/bin/python3 -IS
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""runc for a machine whose capability bounding set lacks a capability.

There `--privileged` fails with "unable to apply caps", because the engine asks for every capability it knows. This
wrapper takes what the machine lacks out of the container's config.json (and of the process file of an exec) and gives
privileged containers the newer capabilities which an old engine does not know but which programs inside expect.
What is lacking is read from this process' own bounding set at each call; nothing is configured.

It is copied to $GABION_HOME/engine/ and run by the engine, so it needs nothing beyond Python's standard library.
"""

from __future__ import annotations

import json
import os
import sys

# linux/capability.h, bit 0 upwards
NAMES = [
    "CAP_" + name
    for name in (
        "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE"
        " NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT"
        " SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP"
        " MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
    ).split()
]
# Only --privileged gives these two together.
PRIVILEGED = {"CAP_SYS_ADMIN", "CAP_SYS_MODULE"}
NEWER = {"CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE"}


def bounding(status: str) -> set[str]:
    """The capabilities named by the CapBnd line of a /proc/PID/status."""
    for line in status.splitlines():
        if line.startswith("CapBnd:"):
            mask = int(line.split()[1], 16)
            return {name for bit, name in enumerate(NAMES) if mask >> bit & 1}
    raise ValueError("no CapBnd line in the process status")


def lacking(status: str, last_capability: int) -> set[str]:
    """What the kernel knows (up to its cap_last_cap) and the bounding set does not hold."""
    return set(NAMES[: last_capability + 1]) - bounding(status)


def bounded_set(wanted: list[str], allowed: set[str]) -> list[str]:
    given = set(wanted)
    if PRIVILEGED <= given:
        given |= NEWER
    return sorted(given & allowed)


def bounded_process(process: dict, allowed: set[str]) -> dict:
    """An OCI process object with each of its capability sets cut down to what is allowed."""
    sets = process.get("capabilities")
    if not sets:
        return process
    return {**process, "capabilities": {kind: bounded_set(names, allowed) for kind, names in sets.items()}}


def files(arguments: list[str]) -> tuple[str | None, str | None]:
    """The bundle folder and the process file among runc's arguments, in both spellings."""
    found: dict[str, str] = {}
    for index, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name in ("--bundle", "-b", "--process", "-p"):
            if not equals:
                value = arguments[index + 1] if index + 1 < len(arguments) else ""
            found["bundle" if name in ("--bundle", "-b") else "process"] = value
    return found.get("bundle"), found.get("process")


def rewrite(path: str, change) -> None:
    with open(path, encoding="utf-8") as handle:
        before = json.load(handle)
    after = change(before)
    if after != before:
        with open(path, "w", encoding="utf-8") as handle:
            json.dump(after, handle)


def main(arguments: list[str]) -> None:
    with open("/proc/self/status", encoding="ascii") as handle:
        allowed = bounding(handle.read())
    bundle, process = files(arguments)
    config = os.path.join(bundle, "config.json") if bundle else None
    if config and os.path.exists(config):
        rewrite(config, lambda c: {**c, "process": bounded_process(c["process"], allowed)} if "process" in c else c)
    if process and os.path.exists(process):
        rewrite(process, lambda p: bounded_process(p, allowed))
    os.execvp("runc", ["runc", *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
