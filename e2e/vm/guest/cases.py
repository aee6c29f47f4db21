# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""What is tried on every kernel. Each case stands alone."""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness import CLI, LANDLOCK, USER, NotHere, case, counted, equal, expect, in_a_pod, program, read, run, run_all, setting, write  # noqa: E402
from pods import MEBIBYTE, PROFILE, Pod, enable_controllers  # noqa: E402

TESTS = "/checkout/sandbox-runner/launcher/tests/run_tests.py"
LAUNCHER = "/checkout/sandbox-runner/target/launcher"
HAS_SIGNAL_SCOPE = LANDLOCK >= 6
INTERNAL_ERROR = 110
# How much slower an emulated processor is than those the launcher's tests have their bounds for.
PATIENCE = "2.5" if os.uname().machine == "x86_64" else "6"
FEATURES = "/sys/kernel/security/apparmor/features/namespaces"


# AppArmor


def load_the_profile():
    # Kernels before 6.7 do not know `userns`; the parser leaves out what the kernel cannot enforce and says so.
    return run("apparmor_parser", "--replace", "/run/guest/gabion-runner.apparmor")


@case
def the_apparmor_profile_loads():
    ran = load_the_profile()
    equal(ran.code, 0, ran)
    expect(f"{PROFILE} (enforce)" in read("/sys/kernel/security/apparmor/profiles"), read("/sys/kernel/security/apparmor/profiles"))
    return ran.err.strip().replace("\n", "; ")


@in_a_pod
def the_apparmor_profile_is_enforced():
    """What the pod's user could do but for the profile, with and without it; and what root could."""
    script = (
        "import os\n"
        "print(open('/proc/self/attr/current').read().strip())\n"
        "try: print(len(open('/sys/firmware/memmap/0/start').read()) > 0)\n"
        "except OSError as e: print(e.errno)\n"
    )
    command = ["/usr/bin/python3", "-I", "-S", "-c", script]
    free = Pod("free", "", command=command, apparmor=None, masked=False).run()
    bound = Pod("bound", "", command=command, masked=False).run()
    equal(free.ran.out.split("\n")[:2], ["unconfined", "True"], free)
    equal(bound.ran.out.split("\n")[:2], [f"{PROFILE} (enforce)", "13"], bound)
    for path in ("/proc/sys/kernel/printk_ratelimit_burst", "/proc/sysrq-trigger"):
        denied = run("aa-exec", "-p", PROFILE, "--", "sh", "-c", f"echo 9 > {path}")
        expect(denied.code != 0 and "Permission denied" in denied.err, denied)
    equal(run("sh", "-c", "echo 9 > /proc/sys/kernel/printk_ratelimit_burst").code, 0)


# The launcher alone


@case
def the_launchers_tests_as_root():
    return launcher_tests(None)


@case
def the_launchers_tests_without_privilege():
    return launcher_tests(65532)


def launcher_tests(uid):
    ran = run("python3", TESTS, LAUNCHER, uid=uid, env={"GABION_TEST_PATIENCE": PATIENCE}, timeout=600)
    passed, failed = counted(ran)
    expect(failed == 0 and passed > 40 and ran.code == 0, "\n".join(line for line in ran.out.split("\n") if not line.startswith("ok ")))
    left_out = [line.strip() for line in ran.out.split("\n") if "not tried" in line or "refused by this kernel" in line]
    return f"{passed} passed" + (f"; {'; '.join(left_out)}" if left_out else "")


# The command line


def doctor(uid=USER):
    ran = run(CLI, "doctor", "-o", "json", uid=uid)
    found = json.loads(ran.out)
    return ran, found, {check["name"]: check for check in found["checks"]}


@case
def doctor_names_what_this_kernel_has():
    ran, found, checks = doctor()
    equal((ran.code, found["healthy"]), (0, True), ran)
    equal(checks["cgroup"], {"name": "cgroup", "state": "ok", "found": "version 2"})
    equal(checks["Landlock"]["found"], f"ABI {LANDLOCK}")
    equal(checks["user namespaces"]["found"], f"allowed, at most {read('/proc/sys/user/max_user_namespaces')}")
    expect("apparmor" in checks["security modules"]["found"].split(","), checks["security modules"])
    expect(f"ABI {LANDLOCK}" in checks["control Landlock"]["found"], checks["control Landlock"])
    missing = [name for name, check in checks.items() if check["state"] in ("missing", "unknown")]
    equal(missing, [], ran)
    text = run(CLI, "doctor", uid=USER)
    expect(text.code == 0 and text.out.strip().endswith("Jobs run here."), text)
    return ", ".join(f"{name}: {checks[name]['found']}" for name in ("security modules", "perf events", "control UserNamespace"))


VERDICTS = {
    "OK": ("print('hello')", [], 0),
    "MemoryExceeded": ("kept = []\nwhile True: kept.append(bytearray(1 << 20))", ["--memory", "48Mi"], 113),
    "ProcessLimitExceeded": ("import os, time\nfor _ in range(64):\n    if os.fork() == 0: time.sleep(20)", ["--processes", "8"], 115),
    "CpuTimeExceeded": ("while True: pass", ["--cpu-time", "1s"], 111),
    "SecurityViolation": ("import os\nos.unshare(os.CLONE_NEWUSER)", [], 117),
    "OutputExceeded": ("while True: print('x' * 1000)", ["--output-bytes", "4096"], 114),
}


def verdict(name, uid):
    source, flags, code = VERDICTS[name]
    ran = run(CLI, "run", "-o", "json", *flags, program(f"{name}.py", source), uid=uid)
    status = json.loads(ran.out)["status"]
    equal((status["verdict"], ran.code), (name, code), ran)
    return status


@case
def run_comes_to_each_verdict():
    seen = []
    for name in VERDICTS:
        status = verdict(name, USER)
        if name == "SecurityViolation":
            equal(status["reasons"][0]["observed"], "unshare", status)
        if name == "MemoryExceeded":
            expect(48 * MEBIBYTE < status["usage"]["peakMemoryBytes"], status["usage"])
        seen.append(name)
    equal(verdict("OK", None)["verdict"], "OK")
    return ", ".join(seen) + "; OK as root, too"


# A job's pod, on cgroup v2


@in_a_pod
def a_pod_runs_a_job_confined_by_the_profile():
    done = Pod("hello", "print('hello from the pod')").run()
    equal((done.verdict, done.code), ("OK", 0), done)
    expect("hello from the pod" in done.ran.out, done)
    equal(done.control("CgroupMemory"), {"name": "CgroupMemory", "state": "Present", "evidence": "cgroup v2"}, done)
    for name in ("UidMap", "PodSeccomp", "Landlock", "Seccomp", "UserNamespace", "NoNetworkInterface", "ReadOnlyRoot"):
        equal(done.control(name).get("state"), "Present", f"{name}\n{done}")
    expect(f"ABI {LANDLOCK}" in done.control("Landlock")["evidence"], done)
    return f"pod's peak {int(done.peak) >> 20} MiB" if done.peak.isdigit() else "no memory.peak"


@in_a_pod
def cpu_time_is_the_cgroups():
    """Children of a parent that ignores SIGCHLD vanish from wait4: only a cgroup has their time."""
    source = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        "for _ in range(2):\n"
        "    if os.fork() == 0:\n"
        "        while time.process_time() < 0.75: pass\n"
        "        os._exit(0)\n"
        "    time.sleep(1.5)\n"
    )
    done = Pod("cpu", source).run()
    equal(done.verdict, "OK", done)
    used = done.usage["cpuTimeMilliseconds"]
    expect(1450 <= used <= done.cpu_milliseconds, f"{used} ms of {done.cpu_milliseconds}\n{done}")
    expect(not done.usage.get("cpuTimeLowerBound"), done.usage)
    # The interpreter's own start is in it; the runner's, several times as long, is not. No bound in seconds: how long they take
    # is the emulated machine's affair.
    expect((used - 1500) * 4 <= done.cpu_milliseconds - 1500, f"{used} ms of {done.cpu_milliseconds}\n{done}")
    return f"1,500 ms burned, {used} counted, {done.cpu_milliseconds} in the pod's cgroup"


@in_a_pod
def peak_memory_is_the_guests():
    done = Pod("peak", "import time\nkept = bytearray(b'x') * (96 << 20)\ntime.sleep(1)", memory=192 * MEBIBYTE).run()
    equal(done.verdict, "OK", done)
    peak = done.usage["peakMemoryBytes"] / MEBIBYTE
    expect(96 <= peak <= 132, f"{peak:.0f} MiB\n{done}")
    return f"96 MiB touched, {peak:.0f} MiB counted"


@in_a_pod
def the_runner_ends_a_guest_that_passes_its_memory():
    source = "import time\nkept = []\nwhile True:\n    kept.append(bytearray(4 << 20)); time.sleep(0.05)"
    done = Pod("memory", source).run()
    equal((done.verdict, done.code), ("MemoryExceeded", 0), done)
    equal(done.events.get("oom_kill"), 0, done)
    return done.reason()


@in_a_pod
def the_kernel_ends_a_guest_before_the_runner_where_the_pod_has_less():
    """Without oom.group the guest is the kernel's first choice, and the runner tells what happened from memory.events."""
    done = Pod("kernel", "kept = bytearray(b'x') * (400 << 20)", memory=512 * MEBIBYTE, pod_memory=192 * MEBIBYTE, oom_group=False).run()
    equal((done.verdict, done.code), ("MemoryExceeded", 0), done)
    expect(done.events["oom_kill"] >= 1, done)
    return done.reason()


@in_a_pod
def a_kubelet_ends_the_whole_container_for_lack_of_memory():
    """memory.oom.group, as kubelets set it from 1.28 on: nothing of the pod is left to tell, and nothing is told."""
    done = Pod("group", "kept = bytearray(b'x') * (400 << 20)", memory=512 * MEBIBYTE, pod_memory=192 * MEBIBYTE).run()
    equal((done.verdict, done.code), (None, 137), done)
    expect(done.events["oom_kill"] >= 2 and done.events.get("oom_group_kill", 1) >= 1, done)
    return f"{done.events['oom_kill']} processes ended"


@in_a_pod
def processes_are_limited_in_a_pod():
    source = "import os, time\nfor _ in range(64):\n    if os.fork() == 0: time.sleep(20)"
    done = Pod("processes", source, processes=8).run()
    equal(done.verdict, "ProcessLimitExceeded", done)


@in_a_pod
def level_pod_needs_landlocks_signal_scope():
    done = Pod("level", "print('ran')", level="Pod", host_users=True).run()
    if HAS_SIGNAL_SCOPE:
        equal((done.verdict, done.code), ("OK", 0), done)
        equal(done.control("Landlock")["state"], "Present", done)
        return done.control("Landlock")["evidence"]
    equal((done.verdict, done.code), ("InternalError", 1), done)
    expect("Landlock is required" in done.reason() and "ran\n" not in done.ran.out, done)
    return done.reason()


# What a node can be set to


CONTAINER_DEFAULT = """abi <abi/3.0>,
include <tunables/global>
profile container-default flags=(attach_disconnected,mediate_deleted) {
  include <abstractions/base>
  network,
  capability,
  file,
  umount,
  signal (receive) peer=unconfined,
  signal (send,receive) peer=container-default,
  ptrace (trace,read,tracedby,readby) peer=container-default,
  deny mount,
  deny @{PROC}/sys/** w,
}
"""

NO_USER_NAMESPACES = """abi <abi/4.0>,
include <tunables/global>
profile no-user-namespaces flags=(attach_disconnected,mediate_deleted) {
  capability,
  network,
  file,
  mount,
  umount,
  pivot_root,
  signal,
  ptrace,
  unix,
  dbus,
  deny userns create,
}
"""


def load(text):
    write("/run/profile", text)
    ran = run("apparmor_parser", "--replace", "/run/profile")
    equal(ran.code, 0, ran)


@in_a_pod
def a_container_runtimes_default_profile_refuses_the_job_with_a_reason():
    load(CONTAINER_DEFAULT)
    done = Pod("default", "print('ran')", apparmor="container-default").run()
    equal((done.verdict, done.code), ("InternalError", 1), done)
    expect("ran\n" not in done.ran.out and "a security module of this machine forbids mounts" in done.reason(), done)
    return done.reason()


@in_a_pod
def a_profile_that_is_not_loaded_starts_nothing():
    done = Pod("absent", "print('ran')", apparmor="gabion-runner-not-loaded").run()
    expect(done.code != 0 and done.verdict is None and "ran\n" not in done.ran.out, done)
    return done.ran.err.strip()


def refused(*prefix, uid=USER):
    """gabion run refuses, says why, and ends with the code that docs/cli.md gives to InternalError; doctor agrees."""
    ran = run(*prefix, CLI, "run", program("hello.py", "print('ran')"), uid=uid)
    equal((ran.code, "ran\n" in ran.out), (INTERNAL_ERROR, False), ran)
    expect("no user namespace" in ran.err, ran)
    looked = run(*prefix, CLI, "doctor", uid=uid)
    expect(looked.code == 1 and "Jobs do not run here" in looked.out, looked)
    lines = [line for line in looked.out.split("\n") if line.startswith("missing") or line.startswith("user namespaces: change")]
    return ran.err.strip().split("\n")[-1] + " | doctor: " + "; ".join(" ".join(line.split()) for line in lines)


@case
def apparmor_without_userns_refuses_the_job_with_a_reason():
    if not any("userns_create" in (name, read(f"{folder}/{name}")) for folder, _, names in os.walk(FEATURES) for name in names):
        raise NotHere("AppArmor of this kernel does not mediate user namespaces")
    load(NO_USER_NAMESPACES)
    return refused("aa-exec", "-p", "no-user-namespaces", "--")


@case
def no_user_namespaces_at_all():
    with setting("user.max_user_namespaces", "0"):
        told = refused()
    return told


@in_a_pod
def a_pod_on_a_node_without_user_namespaces_is_refused_with_a_reason():
    with setting("user.max_user_namespaces", "0"):
        done = Pod("nouserns", "print('ran')", host_users=True).run()
    equal((done.verdict, done.code), ("InternalError", 1), done)
    expect("no user namespace" in done.reason() and "ran\n" not in done.ran.out, done)
    return done.reason()


@case
def user_namespaces_for_root_alone():
    name = "kernel.unprivileged_userns_clone"
    if not setting.exists(name):
        raise NotHere(f"this kernel has no {name}")
    with setting(name, "0"):
        told = refused()
        expect("unprivileged_userns_clone" in told, told)
        equal(verdict("OK", None)["verdict"], "OK")
        ran, found, checks = doctor(uid=None)
        equal((ran.code, found["healthy"]), (0, True), ran)
    return told + " | root still may"


enable_controllers()
load_the_profile()  # for pods of a run that leaves that case out
run_all()
