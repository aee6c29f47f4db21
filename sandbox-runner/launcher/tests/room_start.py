# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""What is there when the guest starts: controls, descriptors, root, environment; and the order of events."""
import time

from bench import CONTROLS, HELPER, REAL, equal, helper, run, shell, test
from launcher import Run, request


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
def starting_a_guest_is_cheap():
    times = []
    for _ in range(40):
        started = time.monotonic()
        run(request(["/helper", "burn", "0"], binds=[(HELPER, "/helper", 0)]))
        times.append((time.monotonic() - started) * 1000)
    times.sort()
    print(f"    whole run of an empty program: p50 {times[20]:.1f} ms, max {times[-1]:.1f} ms (Python client included)")
