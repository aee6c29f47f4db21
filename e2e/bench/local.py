#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""The sandbox on this machine beside bubblewrap:  local.py [--runs N]

Pairs are run in turn (ours, peer, ours, peer ...), so that what else the machine does meets both alike."""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "sandbox-runner/launcher/tests"), os.path.join(ROOT, "sandbox-runner/attacks")]
from profiles import compile_profile  # noqa: E402
from figures import Table, milliseconds, percentile, summary  # noqa: E402
from launcher import Run, request  # noqa: E402

PYTHON = ["/usr/bin/python3", "-I", "-S"]
BUBBLEWRAP = (
    "bwrap --unshare-all --die-with-parent --new-session --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib "
    "--symlink usr/lib64 /lib64 --ro-bind /etc/ld.so.cache /etc/ld.so.cache --dev /dev --tmpfs /work --chdir /work"
).split()


def timed(action):
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def process(*command, **more):
    def run():
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command[:6])} ...: exit code {done.returncode}: {done.stderr.decode()[-400:]}")

    return run


def launcher(binary, argv, profile):
    payload = request(argv, filter=profile)

    def run():
        done = Run(binary, payload).finish()
        end = done.get("EXIT")
        if end is None or (end["kind"], end["code"]) != (0, 0):
            raise SystemExit(f"the launcher's guest did not end well: {done.events}")

    return run


def pairs(runs, *actions):
    for action in actions:
        for _ in range(3):
            action()
    times = [[] for _ in actions]
    for _ in range(runs):
        for series, action in zip(times, actions):
            series.append(timed(action))
    return times


def overshoot(gabion, folder, flag, program, verdict, field, limit, runs):
    """Milliseconds by which the guest went past its limit, as the result states them."""
    source = os.path.join(folder, "limit.py")
    with open(source, "w") as out:
        out.write(program)
    past = []
    for _ in range(runs):
        done = subprocess.run(
            [gabion, "run", "-o", "json", flag, f"{limit}ms", source], stdin=subprocess.DEVNULL, capture_output=True
        )
        status = json.loads(done.stdout)["status"]
        if status["verdict"] != verdict:
            raise SystemExit(f"{flag} {limit}ms ended as {status['verdict']}")
        past.append(status["usage"][field] - limit)
    return past


def accuracy(table, gabion, folder, runs):
    for what, flag, program, verdict, field in (
        ("CPU time", "--cpu-time", "while True: pass\n", "CpuTimeExceeded", "cpuTimeMilliseconds"),
        ("wall time", "--wall-time", "import time\ntime.sleep(60)\n", "WallTimeExceeded", "wallTimeMilliseconds"),
    ):
        past = overshoot(gabion, folder, flag, program, verdict, field, 1000, runs)
        worst = max(past, key=abs)
        table.add(
            f"{what} at the verdict less its limit of 1 s, {runs} runs",
            f"median {percentile(past, 50):+d} ms, worst {worst:+d} ms", "within 50 ms", abs(worst) <= 50
        )


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=100)
    options.add_argument("--out", default=os.path.join(ROOT, "out/bench"))
    options = options.parse_args()
    built = os.path.join(ROOT, "sandbox-runner/target/launcher/gabion-launch")
    gabion = os.path.join(ROOT, "operator/cli/bin/gabion")
    for needed, hint in ((built, "make launcher"), (gabion, "make cli"), ("/usr/bin/bwrap", "apt-get install bubblewrap")):
        if not os.path.exists(needed):
            raise SystemExit(f"{needed} is missing: {hint}")
    table = Table("The sandbox on one machine, beside bubblewrap")

    guest = [*PYTHON, "-c", "pass"]
    ours, peer, bare = pairs(
        options.runs, launcher(built, guest, compile_profile("python")), process(*BUBBLEWRAP, *guest), process(*guest)
    )
    table.add("python3 -I -S alone", summary(bare))
    table.add("bwrap --unshare-all python3 -I -S (no seccomp, no Landlock, no attestation)", summary(peer))
    table.add("gabion-launch python3 -I -S (seccomp, Landlock, 15 probes)", summary(ours))
    added = percentile(ours, 50) - percentile(peer, 50)
    table.add("the launcher adds to bubblewrap at p50", milliseconds(added), "<= 3 ms", added <= 0.003)
    table.add("ratio launcher / bubblewrap at p50", f"{percentile(ours, 50) / percentile(peer, 50):.2f}")

    few = max(10, options.runs // 5)
    (start,) = pairs(few, process(gabion, "--version"))
    table.add("gabion --version (JVM start with AOT cache)", summary(start), "p50 <= 200 ms", percentile(start, 50) <= 0.2)
    with tempfile.TemporaryDirectory() as folder:
        hello = os.path.join(folder, "hello.py")
        with open(hello, "w") as out:
            out.write("print('hello')\n")
        whole, wrapped = pairs(few, process(gabion, "run", hello), process(*BUBBLEWRAP, "--ro-bind", hello, "/main.py", *PYTHON, "/main.py"))
        table.add("gabion run hello.py, whole command", summary(whole))
        table.add("bwrap ... hello.py, whole command", summary(wrapped))
        table.add("ratio gabion run / bwrap at p50", f"{percentile(whole, 50) / percentile(wrapped, 50):.2f}")
        accuracy(table, gabion, folder, few)
    table.save(options.out, "sandbox-local")


if __name__ == "__main__":
    main()
