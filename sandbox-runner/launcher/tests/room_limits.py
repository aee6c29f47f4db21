# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""System calls that are violations, and the limits that the kernel keeps."""
from bench import PATIENCE, equal, helper, run, shell, test
from launcher import INFINITY, NR, X86, bpf, request


@test
def a_violation_is_named_and_ends_the_guest():
    v = run(helper("ptrace"))
    equal((v.get("VIOLATION")["nr"], v.get("VIOLATION")["args"][:2]), (NR["ptrace"], [16, 4242]))
    equal((v.get("EXIT")["cause"], v.out), (2, b""))
    equal([n for n, _ in v.events if n in ("STARTED", "VIOLATION", "EXIT")], ["STARTED", "VIOLATION", "EXIT"])


@test
def foreign_architecture_and_x32_are_violations():
    if not X86:
        print("    (not tried: x86_64 only)")
        return
    v = run(helper("x32")).get("VIOLATION")
    equal((v["arch"], v["nr"]), (0xC000003E, 0x40000000 + 39))
    v = run(helper("int80")).get("VIOLATION")
    equal((v["arch"], v["nr"]), (0x40000003, 20))


@test
def learning_reports_and_lets_through():
    r = run(helper("x32" if X86 else "ptrace", learn=True))
    assert r.get("VIOLATION") is not None and r.out.strip() != b"", r.events
    equal((r.get("EXIT")["cause"], r.get("EXIT")["code"]), (0, 0))
    equal(r.probes()["Seccomp"]["state"], 0)


@test
def a_filter_that_lets_sockets_through_is_absent_unless_it_is_said_to():
    lets = bpf(quiet=())
    for sockets, state in ((False, 0), (True, 1)):
        probe = run(helper("fds", filter=lets, sockets=sockets)).probes()["Seccomp"]
        equal((probe["state"], "socket(AF_INET): opened" in probe["evidence"]), (state, True), probe)


@test
def a_quiet_refusal_is_no_violation():
    r = run(request(["/usr/bin/python3", "-I", "-S", "-c", "import socket\ntry: socket.socket()\nexcept OSError as e: print(e.errno)"]))
    equal((r.out, r.get("VIOLATION")), (b"1\n", None))


@test
def cpu_time_of_children_counts():
    e = run(helper("burn-child", 300)).get("EXIT")
    assert 290_000 <= e["user"] + e["system"] <= 600_000 * PATIENCE, e


@test
def cpu_time_of_children_that_nobody_waits_for_is_in_the_perf_count():
    e = run(helper("burn-ignored", 300)).get("EXIT")
    if e["perf"] == INFINITY:
        print("    (not tried: perf events are not allowed here)")
        return
    assert 280e6 <= e["perf"] <= 700e6 * PATIENCE, e


@test
def processes_are_limited_exactly():
    equal(run(helper("forks", rlimits=[("NPROC", 5, 5)])).out, b"4 EAGAIN\n")


@test
def descriptors_files_and_cores_are_limited():
    r = run(shell("ulimit -n; ulimit -c; ulimit -l 2>/dev/null; head -c 100000 /dev/zero > /work/f; echo $?; wc -c < /work/f",
                  rlimits=[("NOFILE", 32, 32), ("FSIZE", 4096, 4096)]))
    lines = r.out.split()
    equal((lines[0], lines[1], lines[-1]), (b"32", b"0", b"4096"))


@test
def the_work_directory_is_bounded():
    r = run(shell("head -c 9000000 /dev/zero > /work/f; echo $?; rm /work/f; i=0; while touch /work/$i 2>/dev/null; do i=$((i+1)); done; echo $i",
                  tmpfs=[("/work", 4 << 20, 20, 0o700)]))
    code, files = r.out.split()
    assert code != b"0" and int(files) == 19, r.out
