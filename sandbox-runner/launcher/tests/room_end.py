# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Whoever ends it, nothing of the guest is left."""
import os
import random
import struct
import time

from bench import PATIENCE, HELPER, REAL, alive, equal, helper, run, test, wait_until
from launcher import C, Run, request


@test
def killing_the_launcher_kills_daemons_too():
    marker = f"m{os.getpid()}a"
    r = Run(REAL, request(["/helper", "daemon", "60", marker], binds=[(HELPER, "/helper", 0)]))
    while b"daemons" not in r.out:
        r.pump(5)
    assert len(alive(marker)) >= 4
    r.process.kill()
    assert wait_until(lambda: not alive(marker)), alive(marker)


@test
def the_engines_end_ends_the_guest():
    marker = f"m{os.getpid()}b"
    r = Run(REAL, request(["/helper", "daemon", "60", marker], binds=[(HELPER, "/helper", 0)]))
    while b"daemons" not in r.out:
        r.pump(5)
    r.ours.close()
    assert wait_until(lambda: not alive(marker)), alive(marker)
    equal(r.process.wait(5), 5)


@test
def what_survives_the_first_process_is_killed():
    marker = f"m{os.getpid()}c"
    r = run(request(["/helper", "daemon", "0", marker], binds=[(HELPER, "/helper", 0)]))
    equal((r.get("EXIT")["killed"], r.get("EXIT")["code"], alive(marker)), (3, 0, []))


@test
def kill_ends_a_fork_bomb():
    r = Run(REAL, helper("bomb", rlimits=[("NPROC", 64, 64)]))
    r.wait_for("STARTED")
    time.sleep(0.3)
    started = time.monotonic()
    r.kill()
    r.finish()
    equal((r.get("EXIT")["cause"], r.process.returncode), (1, 0))
    assert r.get("EXIT")["reaped"] <= 64 + 1 or r.get("EXIT")["killed"] <= 64, r.get("EXIT")
    assert time.monotonic() - started < 5 * PATIENCE


@test
def sigterm_goes_to_the_first_process():
    r = Run(REAL, helper("sleep", 30))
    r.wait_for("STARTED")
    while b"sleeping" not in r.out:
        r.pump(5)
    r.send(C["CMD_SIGNAL"], struct.pack("<I", 15))
    e = r.finish().get("EXIT")
    equal((e["cause"], e["kind"], e["code"]), (0, 1, 15))


@test
def the_guest_cannot_signal_its_init():
    equal(run(helper("kill-init")).out.split()[-1], b"alive")


@test
def nothing_survives_whenever_the_end_comes():
    chance = random.Random(7)
    marker = f"m{os.getpid()}z"
    for i in range(60):
        r = Run(REAL, request(["/helper", "daemon", "60", marker], binds=[(HELPER, "/helper", 0)]))
        end = time.monotonic() + chance.uniform(0, 0.03)
        while time.monotonic() < end and r.pump(end - time.monotonic()):
            pass
        try:
            (r.process.kill, r.ours.close, r.kill)[i % 3]()
        except OSError:
            pass
        if i % 3 == 2:
            r.finish()
            assert r.process.returncode in (0, 4), r.events
        else:
            r.process.wait(10)
        r.ours.close()
    assert wait_until(lambda: not alive(marker), 10), alive(marker)


@test
def the_guest_is_the_first_to_go_when_memory_is_short():
    r = Run(REAL, helper("sleep", 30))
    r.wait_for("STARTED")
    equal(open(f"/proc/{r.get('READY')['guest']}/oom_score_adj").read(), "1000\n")
    r.kill()
    r.finish()
