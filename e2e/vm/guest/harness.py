# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Cases, and how they are told: one line of JSON each on standard output."""

import json
import os
import re
import subprocess
import sys
import time
import traceback

CASES = []
WORDS = dict(word.split("=", 1) for word in open("/proc/cmdline").read().split() if word.startswith("gabion.") and "=" in word)
LANDLOCK = int(WORDS["gabion.landlock"])
CLI = "/checkout/operator/cli/bin/gabion"
# Linked for the command line; where the disk has none, bin/gabion finds Debian's.
JAVA = "/jre/opt/gabion/jre"
USER = 1000


class NotHere(Exception):
    """The kernel lacks what the case is about; the reason is told."""


def case(function):
    CASES.append(function)
    return function


def in_a_pod(function):
    """A case for a disk that holds the runner's image."""
    return case(function) if os.path.exists("/image/opt/gabion") else function


def say(**what):
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def run_all():
    say(machine=f"{os.uname().release}, {os.uname().machine}, lsm {read('/sys/kernel/security/lsm')}, cgroup v2: {read('/sys/fs/cgroup/cgroup.controllers')}")
    for one in CASES:
        if not re.search(WORDS.get("gabion.only", ""), one.__name__):
            continue
        began = time.monotonic()
        outcome, note, trouble = "passed", "", []
        try:
            note = one() or ""
        except NotHere as reason:
            outcome, note = "skipped", str(reason)
        except Exception:
            outcome, trouble = "failed", traceback.format_exc().strip().splitlines()[-60:]
        say(case=one.__name__, outcome=outcome, seconds=time.monotonic() - began, note=note, trouble=trouble)
    say(end=True)


def read(path):
    try:
        return open(path).read().strip()
    except OSError as e:
        return f"({e.strerror})"


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


class Ran:
    def __init__(self, words, code, out, err):
        self.words, self.code, self.out, self.err = words, code, out, err

    def __str__(self):
        return f"{' '.join(self.words)}: exit code {self.code}\n{self.out[-3000:]}\n{self.err[-2000:]}"


def run(*words, uid=None, env=None, timeout=240):
    whole = [str(word) for word in words]
    if uid is not None:
        whole = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *whole]
    done = subprocess.run(whole, capture_output=True, timeout=timeout, stdin=subprocess.DEVNULL, cwd="/",
                          env={**os.environ, "JAVA_HOME": JAVA, "HOME": "/tmp", **(env or {})})
    return Ran(whole, done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def expect(condition, what):
    assert condition, str(what)


def equal(actual, expected, what=""):
    assert actual == expected, f"expected {expected!r}, was {actual!r}\n{what}"


class setting:
    """A sysctl, for a while. Where the kernel has none of that name the case must not run: `exists` tells."""

    def __init__(self, name, value):
        self.path = "/proc/sys/" + name.replace(".", "/")
        self.value = value

    @staticmethod
    def exists(name):
        return os.path.exists("/proc/sys/" + name.replace(".", "/"))

    def __enter__(self):
        self.before = read(self.path)
        write(self.path, self.value)

    def __exit__(self, *_):
        write(self.path, self.before)


def program(name, text):
    """A source file that every user may read."""
    os.makedirs("/tmp/programs", exist_ok=True)
    os.chmod("/tmp/programs", 0o755)
    path = f"/tmp/programs/{name}"
    write(path, text)
    return path


def counted(ran):
    """The launcher's tests' own closing line: passed, failed."""
    found = re.findall(r"(\d+) passed, (\d+) failed", ran.out)
    expect(found, ran)
    return tuple(map(int, found[-1]))
