# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""What the rooms share. BUILD_DIRECTORY is the first argument of the program."""
import os
import sys
import time

from launcher import Run, request

BUILD = sys.argv[1]
REAL, TEST, HELPER = (os.path.join(BUILD, each) for each in ("gabion-launch", "gabion-launch-test", "launcher-test-helper"))
CONTROLS = (
    "UserNamespace PidNamespace MountNamespace NetworkNamespace IpcNamespace UtsNamespace UidMap ReadOnlyRoot "
    "NoNetworkInterface NoNewPrivileges NoCapabilities Landlock ResourceLimits Seccomp ProcHidden"
).split()
TESTS = []
# How much slower than a real one this machine may be: an emulated processor's caller says so. Bounds on time only.
PATIENCE = float(os.environ.get("GABION_TEST_PATIENCE", "1"))
# The version of Landlock's interface from which on it scopes signals (Linux 6.12).
SIGNAL_SCOPE_ABI = 6


def test(function):
    TESTS.append(function)
    return function


def helper(*args, **more):
    more.setdefault("binds", [(HELPER, "/helper", 0)])
    return request(["/helper", *map(str, args)], **more)


def shell(script, **more):
    return request(["/bin/sh", "-c", script], **more)


def run(payload, binary=None, **more):
    return Run(binary or REAL, payload, **more).finish()


def alive(marker):
    """Processes whose command line holds the marker."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if marker.encode() in open(f"/proc/{pid}/cmdline", "rb").read():
                found.append(int(pid))
        except OSError:
            pass
    return [each for each in found if each != os.getpid()]


def wait_until(condition, timeout=5):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def equal(actual, expected, note=""):
    assert actual == expected, f"{note} expected {expected!r}, was {actual!r}"
