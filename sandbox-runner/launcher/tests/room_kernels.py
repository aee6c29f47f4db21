# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Other kernels, and the inside of a pod."""
import os
import sys

from bench import BUILD, CONTROLS, equal, helper, run, shell, test
from launcher import X86


def on_another_kernel(what, payload):
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "like_another_kernel.py")
    return run(payload, prefix=(sys.executable, script, what))


@test
def it_works_without_clone3_and_mount_setattr():
    r = on_another_kernel("clone3,mount_setattr", helper("fds"))
    equal({n: p["state"] for n, p in r.probes().items()}, {n: 1 for n in CONTROLS}, r.events)
    equal((r.out, r.process.returncode), (b"0 1 2 ", 0))
    r = on_another_kernel("mount_setattr", shell("for d in / /usr /bin /dev /helper; do ( : > $d/x ) && echo WROTE; done; echo end",
                                                 binds=[(BUILD, "/helper", 0)], cwd="/"))
    equal(r.out, b"end\n", r.events)


@test
def without_notifications_a_violation_still_ends_the_guest():
    r = on_another_kernel("listener", helper("ptrace"))
    equal(r.probes()["Seccomp"]["state"], 1)
    assert "unnamed" in r.probes()["Seccomp"]["evidence"], r.probes()
    equal((r.get("EXIT")["cause"], r.get("EXIT")["kind"], r.get("VIOLATION"), r.out), (2, 1, None, b""))
    if X86:
        equal(on_another_kernel("listener", helper("x32")).get("EXIT")["cause"], 2)
        equal(on_another_kernel("listener", helper("int80")).get("EXIT")["cause"], 2)
    equal(on_another_kernel("listener", helper("fds")).out, b"0 1 2 ")
    equal(on_another_kernel("listener", helper("ptrace", learn=True)).get("ERROR")["stage"], "seccomp")


@test
def it_works_where_a_pod_runs_it():
    if os.geteuid() != 0:
        print("    (not tried: needs root to make the namespace)")
        return
    like_a_pod = (sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "like_a_pod.py"))
    ids = (65532, 65532, 0xFFFFFFFF, 0xFFFFFFFF)
    r = run(helper("fds", ids=ids), prefix=like_a_pod)
    equal({n: p["state"] for n, p in r.probes().items()}, {n: 1 for n in CONTROLS}, r.events)
    equal((r.out, r.process.returncode), (b"0 1 2 ", 0))
    r = run(helper("fds", ids=ids, proc=True), prefix=like_a_pod)
    proc = r.probes()["ProcHidden"]
    equal((proc["state"], "EPERM" in proc["evidence"]), (0, True), "a masked /proc must not give way:")
