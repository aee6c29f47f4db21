# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Level Pod: no namespaces."""
import os
import time

from bench import BUILD, PATIENCE, SIGNAL_SCOPE_ABI, HELPER, REAL, TEST, alive, equal, run, test, wait_until
from launcher import C, Run, request


def pod(*args, **more):
    return request(
        [HELPER, *map(str, args)], level="pod", tmpfs=[("/tmp", 1 << 20, 100, 0o700)], cwd="/tmp", symlinks=(),
        default_binds=False, binds=[(each, each, 2) for each in ("/usr", "/bin", "/lib", "/lib64", BUILD)], **more)


@test
def level_pod_gives_what_is_left():
    r = run(pod("fds"))
    states = {n: p["state"] for n, p in r.probes().items()}
    for name in ("NoNewPrivileges", "ResourceLimits", "Seccomp"):
        equal(states[name], 1, name)
    # Without signal scopes it is no wall here: the runner then refuses level Pod.
    scoped = r.get("HELLO")["landlock"] >= SIGNAL_SCOPE_ABI
    equal(states["Landlock"], C["PROBE_PRESENT"] if scoped else C["PROBE_ABSENT"], r.probes()["Landlock"])
    for name in ("UserNamespace", "PidNamespace", "NetworkNamespace", "ReadOnlyRoot"):
        equal(states[name], 2, name)
    equal((r.out, r.get("EXIT")["code"]), (b"0 1 2 ", 0))


@test
def level_pod_without_signal_scopes_has_no_landlock():
    """As on a kernel whose Landlock is older than ABI 6: the supervisor can be signalled, and the probe finds it."""
    probe = run(pod("fds", off=C["OFF_SCOPES"]), TEST).probes()["Landlock"]
    assert probe["state"] == C["PROBE_ABSENT"] and "signals reach the supervisor" in probe["evidence"], probe
    whole = run(pod("fds"), TEST)
    if whole.get("HELLO")["landlock"] >= SIGNAL_SCOPE_ABI:
        equal(whole.probes()["Landlock"]["state"], C["PROBE_PRESENT"])
    else:
        equal(whole.probes()["Landlock"], probe)


@test
def level_pod_confines_files_by_landlock():
    r = run(request(["/bin/sh", "-c", "cat /etc/hostname /proc/self/status; echo $?; echo x > /var/tmp/gabion-x; echo $?"],
                    level="pod", tmpfs=[("/tmp", 1 << 20, 100, 0o700)], cwd="/tmp", default_binds=False,
                    binds=[(each, each, 2) for each in ("/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache")]))
    codes = r.out.split()
    assert codes and codes[0] == b"1" and codes[1] != b"0", (r.out, r.err)


@test
def level_pod_kills_daemons():
    for way in ("end", "kill", "close", "sigkill"):
        marker = f"m{os.getpid()}{way}"
        r = Run(REAL, pod("daemon", "0" if way == "end" else "60", marker))
        while b"daemons" not in r.out:
            r.pump(5)
        if way == "kill":
            r.kill()
        elif way == "close":
            r.ours.close()
        elif way == "sigkill":
            r.process.kill()
        if way in ("end", "kill"):
            equal(r.finish().get("EXIT")["killed"], 3)
        assert wait_until(lambda: not alive(marker), 10), (way, alive(marker))


@test
def level_pod_ends_a_fork_bomb():
    if run(pod("fds")).get("HELLO")["landlock"] < SIGNAL_SCOPE_ABI:
        print("    (not tried: without Landlock's signal scopes the runner refuses level Pod)")
        return
    r = Run(REAL, pod("bomb", rlimits=[("NPROC", 100, 100)]))
    r.wait_for("STARTED")
    while b"bomb" not in r.out:
        r.pump(5)
    time.sleep(0.3)
    started = time.monotonic()
    r.kill()
    r.finish(30 * PATIENCE)
    equal((r.get("EXIT")["cause"], r.process.returncode), (1, 0), r.events)
    assert time.monotonic() - started < 10 * PATIENCE
    assert wait_until(lambda: not alive(HELPER + "\0bomb"), 5), alive(HELPER + "\0bomb")
