#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Tests of gabion-launch against this machine's kernel: run_tests.py BUILD_DIRECTORY [name...]"""
import os
import random
import socket
import struct
import subprocess
import sys
import time
import traceback

from launcher import C, INFINITY, NR, X86, Run, bpf, record, request, two

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


@test
def every_control_is_present_and_nothing_unknown_is_said():
    r = run(helper("fds"))
    equal({n: p["state"] for n, p in r.probes().items()}, {n: 1 for n in CONTROLS}, r.probes())
    equal([n for n, _ in r.events if n != "PROBE"], ["HELLO", "READY", "STARTED", "EXIT", "DONE"])
    equal(r.process.returncode, 0)


@test
def the_guest_holds_three_descriptors():
    equal(run(helper("fds")).out, b"0 1 2 ")


@test
def exit_code_and_output_are_the_guests():
    r = run(shell("cat; echo to-stderr >&2; exit 7"), stdin=b"from stdin \x00\xff")
    equal((r.out, r.err), (b"from stdin \x00\xff", b"to-stderr\n"))
    equal((r.get("EXIT")["kind"], r.get("EXIT")["code"], r.get("EXIT")["cause"]), (0, 7, 0))


@test
def a_signal_is_reported():
    e = run(helper("crash")).get("EXIT")
    equal((e["kind"], e["code"]), (1, 6))


@test
def ten_megabytes_of_output_arrive():
    equal(len(run(shell("head -c 10000000 /dev/zero")).out), 10000000)


@test
def nothing_runs_without_go():
    r = Run(REAL, shell("echo ran"), auto_go=False)
    r.wait_for("READY")
    time.sleep(0.1)
    assert r.get("STARTED") is None
    r.kill()
    r.finish()
    equal((r.out, r.get("STARTED"), r.get("EXIT")["cause"]), (b"", None, 1))
    equal(r.process.returncode, 0)


@test
def a_second_go_is_a_protocol_error():
    r = Run(REAL, helper("sleep", 30))
    r.wait_for("STARTED")
    r.go()
    r.finish()
    equal((r.get("ERROR")["stage"], r.process.returncode), ("protocol", 4))


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
def a_quiet_refusal_is_no_violation():
    r = run(request(["/usr/bin/python3", "-I", "-S", "-c", "import socket\ntry: socket.socket()\nexcept OSError as e: print(e.errno)"]))
    equal((r.out, r.get("VIOLATION")), (b"1\n", None))


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


@test
def the_root_is_minimal_and_read_only():
    r = run(shell("ls -a /; ls /dev; for d in / /usr /dev /usr/bin; do : > $d/x && echo WROTE $d; done; echo $?", cwd="/"))
    assert b"WROTE" not in r.out, r.out
    names = set(r.out.decode().split())
    assert {"usr", "dev", "work", "null", "zero", "full", "random", "urandom"} <= names, names
    assert not names & {"proc", "sys", "root", "home", "run", "tmp", "mnt", "tty"}, names


@test
def only_the_given_environment():
    equal(run(request(["/usr/bin/env"], env=["A=1", "B=two words"])).out, b"A=1\nB=two words\n")


@test
def a_session_of_its_own_and_no_terminal():
    equal(run(helper("session")).out, b"1 1\n")


@test
def hostname_and_files():
    r = run(shell("hostname; cat /etc/motd; ls -l /etc/motd | cut -c1-10", hostname="box-7", files=[("/etc/motd", 0o440, "hi\n")]))
    equal(r.out, b"box-7\nhi\n-r--r-----\n")


@test
def a_private_proc_shows_the_guest_alone():
    r = run(shell("ls /proc | grep -c '^[0-9]'; echo x > /proc/self/comm && echo WROTE; cat /proc/1/environ; true", proc=True))
    if r.probes()["ProcHidden"]["state"] == 0:
        print("    (refused by this kernel: " + r.probes()["ProcHidden"]["evidence"] + ")")
        return
    equal(r.probes()["ProcHidden"]["state"], 2)
    assert int(r.out.split()[0]) <= 5 and b"WROTE" not in r.out, r.out


@test
def files_are_collected_without_following_anything():
    script = (
        "mkdir d; echo one > d/a.txt; echo two > b.txt; ln -s /etc/passwd c.txt; ln b.txt h.txt; mkfifo p.txt; "
        "head -c 5000 /dev/zero > z.txt; ln -s d e; echo no > other; chmod 0 b.txt"
    )
    r = run(shell(script, collect=["/work/*.txt", "/work/*/a.txt"], collect_limits=(4000, 10)))
    status = {f["path"]: f["status"] for f in r.all("FILE")}
    equal(
        status,
        {"/work/d/a.txt": 0, "/work/b.txt": 0, "/work/h.txt": 0, "/work/c.txt": 2, "/work/p.txt": 2, "/work/z.txt": 1},
    )
    equal(r.files, {"/work/d/a.txt": b"one\n", "/work/b.txt": b"two\n", "/work/h.txt": b"two\n"})


@test
def collected_files_are_counted_and_large_ones_arrive_whole():
    r = run(shell("for i in 1 2 3 4; do echo $i > $i; done; head -c 300001 /dev/urandom > big; cksum < big",
                  collect=["/work/[0-9]"], collect_limits=(1000, 2)))
    equal(sorted(f["status"] for f in r.all("FILE")), [0, 0, 3, 3])
    r = run(shell("head -c 300001 /dev/urandom > big; md5sum < big", collect=["/work/big"]))
    import hashlib
    equal(hashlib.md5(r.files["/work/big"]).hexdigest().encode(), r.out.split()[0])


@test
def files_of_which_only_the_size_is_wanted_use_nothing_of_the_limits():
    script = "head -c 5000 /dev/zero > a; head -c 5000 /dev/zero > b; printf kept > z.txt; ln -s a l"
    r = run(shell(script, collect=["/work/*.txt"], collect_sizes=["/work/*"], collect_limits=(4, 1)))
    equal({f["path"]: (f["status"], f["size"]) for f in r.all("FILE") if f["path"] != "/work/l"},
          {"/work/a": (5, 5000), "/work/b": (5, 5000), "/work/z.txt": (0, 4)})
    equal([f["status"] for f in r.all("FILE") if f["path"] == "/work/l"], [2])
    equal(r.files, {"/work/z.txt": b"kept"})


@test
def nothing_is_collected_after_kill_when_not_wanted():
    for flags, files in ((0, {"/work/f": b"x\n"}), (1, {})):
        r = Run(REAL, shell("echo x > f; echo ready; sleep 30", collect=["/work/f"]))
        while b"ready" not in r.out:
            r.pump(5)
        r.kill(flags)
        equal(r.finish().files, files)


@test
def what_cannot_be_executed_is_an_error_after_go():
    r = run(request(["/no/such/program"]))
    equal((r.get("ERROR")["stage"], r.get("ERROR")["errno"], r.process.returncode), ("exec", 2, 4))
    assert r.get("STARTED") is None


@test
def a_missing_bind_is_an_error_unless_optional():
    r = run(helper("fds", binds=[("/no/such", "/x", 0)]))
    equal((r.get("ERROR")["stage"], r.get("ERROR")["errno"], r.process.returncode), ("bind", 2, 4))
    equal(run(helper("fds", binds=[(HELPER, "/helper", 0), ("/no/such", "/x", 2)])).out, b"0 1 2 ")


@test
def a_device_is_bound_only_when_said():
    equal(run(helper("fds", binds=[("/dev/null", "/x", 0)])).get("ERROR")["stage"], "bind")
    equal(run(helper("fds", binds=[(HELPER, "/x", 4)])).get("ERROR")["stage"], "bind")


@test
def noexec_is_kept():
    r = run(request(["/x/helper"], binds=[(HELPER, "/x/helper", 1)]))
    equal((r.get("ERROR")["stage"], r.get("ERROR")["errno"]), ("exec", 13))


@test
def bad_requests_are_refused_with_the_field():
    good = dict(argv=["/bin/true"])
    cases = {
        "ids: inside": dict(ids=(0, 1, 5, 5)),
        "ids: a guest never": dict(ids=(1, 1, 0, 5)),
        "cwd": dict(cwd="work"),
        "cwd: given twice": dict(extra=record(C["REQ_CWD"], b"/x")),
        "hostname": dict(hostname="Bad_Name"),
        "env[0]": dict(env=["NOVALUE"]),
        "args[0]": dict(argv=["true"]),
        "args: missing": dict(argv=[]),
        "binds": dict(binds=[("/usr", "/../etc", 0)]),
        "binds[": dict(binds=[("/usr", "/proc/x", 0)]),
        "tmpfs": dict(tmpfs=[("/work", 0, 10, 0o700)]),
        "tmpfs[0]: target": dict(tmpfs=[("/", 4096, 10, 0o700)]),
        "rlimits: unknown": dict(extra=record(C["REQ_RLIMIT"], struct.pack("<IQQ", 99, 1, 1))),
        "rlimits: resource 7": dict(rlimits=[("NOFILE", 5, 4)]),
        "rlimits: NPROC": dict(rlimits=[("NPROC", 0, 4)]),
        "seccomp: 1..": dict(filter=b"123"),
        "seccomp: given twice": dict(extra=record(C["REQ_SECCOMP"], bpf())),
        "collect[0]": dict(collect=["/etc/passwd"]),
        "unknown record": dict(extra=record(0x77)),
        "record 0x10: unknown flags": dict(extra=record(C["REQ_ARG"], b"x", 3)),
        "level": dict(extra=record(C["REQ_LEVEL"], struct.pack("<I", 1))),
        "protocol version 2": dict(version=2),
        "end:": dict(extra=record(C["REQ_END"])),
        "test switches": dict(off=C["OFF_SECCOMP"]),
        "links": dict(extra=record(C["REQ_SYMLINK"], struct.pack("<H", 500) + b"x")),
    }
    for expected, change in cases.items():
        r = run(request(**{**good, **change}))
        assert r.get("ERROR") is not None, (expected, r.events)
        equal((r.get("ERROR")["stage"], r.process.returncode), ("request", 3), expected)
        assert expected.split("[")[0] in r.get("ERROR")["text"], (expected, r.get("ERROR"))


@test
def a_request_that_breaks_off_is_refused():
    whole = request(["/bin/true"])
    for length in (0, 5, 12, 40, len(whole) - 1):
        r = Run(REAL, whole[:length])
        r.ours.shutdown(socket.SHUT_WR)
        r.finish()
        assert r.process.returncode in (3, 5) and r.get("READY") is None, (length, r.events)


@test
def a_bad_filter_is_an_error_of_its_stage():
    equal(run(request(["/bin/true"], filter=b"\xff" * 8)).get("ERROR")["stage"], "seccomp")


@test
def the_real_launcher_says_so():
    equal(subprocess.run([REAL, "--version"], capture_output=True, text=True).stdout, "gabion-launch 1\n")
    equal(subprocess.run([TEST, "--version"], capture_output=True, text=True).stdout, "gabion-launch 1 test\n")
    equal(subprocess.run([REAL], capture_output=True).returncode, 2)
    equal(run(helper("fds")).get("HELLO")["flags"], 0)
    equal(run(helper("fds"), TEST).get("HELLO")["flags"], 1)


@test
def connecting_by_path_works():
    path = f"/tmp/gabion-launch-{os.getpid()}.sock"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    try:
        listener.listen(1)
        process = subprocess.Popen([REAL, "--socket", path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        engine, _ = listener.accept()
        engine.sendall(shell("echo by path") + record(C["CMD_KILL"])[:0])
        seen = b""
        while struct.pack("<HHI", C["EV_READY"], 0, 8) not in seen:
            seen += engine.recv(65536)
        engine.sendall(record(C["CMD_GO"]))
        equal(process.communicate(timeout=10)[0], b"by path\n")
        equal(process.returncode, 0)
    finally:
        listener.close()
        os.unlink(path)


@test
def each_switch_leaves_off_its_control_and_only_that():
    also = {  # what cannot be present without it
        "USERNS": {"UserNamespace", "UidMap"},
        "PIDNS": {"PidNamespace"},
        "MOUNTNS": {"MountNamespace", "ReadOnlyRoot", "ProcHidden", "Landlock"},
        "NETNS": {"NetworkNamespace", "NoNetworkInterface"},
        "IPCNS": {"IpcNamespace"},
        "UTSNS": {"UtsNamespace"},
        "READONLY": {"ReadOnlyRoot"},
        "NNP": {"NoNewPrivileges", "NoCapabilities", "Landlock"},
        "CAPS": {"NoCapabilities", "Landlock"},
        "SECCOMP": {"Seccomp"},
        "LANDLOCK": {"Landlock"},
        "RLIMITS": {"ResourceLimits"},
    }
    for switch, absent in also.items():
        if switch == "USERNS" and os.geteuid() != 0:
            continue  # the other namespaces need one, then
        payload = helper("fds", off=C["OFF_" + switch])
        if switch == "MOUNTNS":
            payload = request([HELPER, "fds"], off=C["OFF_MOUNTNS"], cwd="/", tmpfs=[], binds=[(BUILD, BUILD, 0)])
        r = run(payload, TEST)
        off = {n for n, p in r.probes().items() if p["state"] not in (1, 2)}
        assert off and off <= absent and r.get("ERROR") is None, (switch, off, r.events)
        assert sorted(absent)[0] in off or switch == "CAPS" or switch == "NNP" or switch == "MOUNTNS", (switch, off)


@test
def leaving_the_descriptors_open_shows():
    assert len(run(helper("fds", off=C["OFF_CLOSE_FDS"]), TEST).out.split()) > 3


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
    r.finish()
    equal((r.get("EXIT")["cause"], r.process.returncode), (1, 0), r.events)
    assert time.monotonic() - started < 10 * PATIENCE
    assert wait_until(lambda: not alive(HELPER + "\0bomb"), 5), alive(HELPER + "\0bomb")


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


@test
def starting_a_guest_is_cheap():
    times = []
    for _ in range(40):
        started = time.monotonic()
        run(request(["/helper", "burn", "0"], binds=[(HELPER, "/helper", 0)]))
        times.append((time.monotonic() - started) * 1000)
    times.sort()
    print(f"    whole run of an empty program: p50 {times[20]:.1f} ms, max {times[-1]:.1f} ms (Python client included)")


def main():
    wanted = sys.argv[2:]
    who = f"uid {os.geteuid()}"
    passed = failed = 0
    for each in TESTS:
        if wanted and each.__name__ not in wanted:
            continue
        try:
            each()
            passed += 1
            print(f"ok   {each.__name__}")
        except Exception:
            failed += 1
            print(f"FAIL {each.__name__}")
            traceback.print_exc(limit=4, file=sys.stdout)
    print(f"{who}: {passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


sys.exit(main())
