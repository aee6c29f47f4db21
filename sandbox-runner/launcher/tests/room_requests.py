# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Requests that are refused, and the two programs."""
import os
import socket
import struct
import subprocess

from bench import BUILD, HELPER, REAL, TEST, equal, helper, run, shell, test
from launcher import C, Run, bpf, record, request


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
