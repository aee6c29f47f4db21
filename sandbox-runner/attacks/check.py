#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Runs the attack corpus against the launcher alone, without the engine:  check.py BUILD_DIRECTORY [category/name...]
Writes the page about it:  check.py --page > docs/security/attacks.md

Each program once in the full isolation with its runtime's real profile, and once more with its control switched off.
What only the engine can say (CPU, memory) is left to the engine's own test, and counted as such."""
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../launcher/tests"))
from launcher import C, X86, Run, request  # noqa: E402

PROFILES = os.path.join(HERE, "../src/main/resources/dev/gabion/runner/seccomp")
COMMAND = {
    "py": ["/usr/bin/python3", "-u", "-B", "-s"],
    "sh": ["/bin/bash"],
    "js": ["/usr/bin/node"],
    "c": [],
}
PROFILE = {"py": "python", "sh": "bash", "js": "node", "c": "c"}
SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/libx32", "/lib64", "/etc/alternatives", "/etc/ld.so.cache"]
ENGINE_ONLY = {"CpuTimeExceeded", "MemoryExceeded"}
KEYS = ["attack", "expect", "control", "off", "without", "syscall", "errno", "limits", "bomb", "arch", "needs"]
CONTROLS = re.findall(
    r"^    ([A-Z]\w+)[,;]?$", open(os.path.join(HERE, "../../crds/src/main/java/dev/gabion/api/v1alpha1/ControlName.java")).read(), re.M
)
NUMBERS = {
    name: int(number)
    for name, number in (
        line.split() for line in open(os.path.join(PROFILES, f"syscalls-{'amd64' if X86 else 'arm64'}.txt")) if line[0] != "#"
    )
}
NAMES = {number: name for name, number in NUMBERS.items()}


def action(entry):
    if entry["action"] == "SCMP_ACT_ERRNO":
        return 0x00050000 | entry.get("errnoRet", 1)
    return {"SCMP_ACT_ALLOW": 0x7FFF0000, "SCMP_ACT_NOTIFY": 0x7FC00000}[entry["action"]]


def argument_tests(entry):
    """Instructions that fall through to the verdict, or jump behind it."""
    tests = []
    for each in entry.get("args", []):
        mask, value = (2**64 - 1, each["value"]) if each["op"] == "SCMP_CMP_EQ" else (each["value"], each["valueTwo"])
        assert each["op"] in ("SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ"), each
        for half in (0, 1):
            at = 16 + 8 * each["index"] + 4 * half
            part = (mask >> 32 * half) & 0xFFFFFFFF
            tests += [(0x20, 0, 0, at), (0x54, 0, 0, part), (0x15, 0, None, (value >> 32 * half) & part)]
    return [(c, t, len(tests) - i if f is None else f, k) for i, (c, t, f, k) in enumerate(tests)]


def compile_profile(name):
    """The OCI profile as classic BPF: a plain list of comparisons. Of several entries for a call the first match decides."""
    profile, entries = json.load(open(f"{PROFILES}/guest/{name}.json")), []
    while profile:
        entries += profile["syscalls"]
        default = profile.get("defaultAction")
        profile = json.load(open(f"{PROFILES}/guest/{profile['extends']}.json")) if "extends" in profile else None
    last = {"action": default}
    calls = {}
    for entry in entries:
        for call in entry["names"]:
            if call in NUMBERS:
                calls.setdefault(NUMBERS[call], []).append(entry)
    code = [(0x20, 0, 0, 0)]
    for number, rules in calls.items():
        block = []
        for entry in rules:
            block += argument_tests(entry) + [(0x06, 0, 0, action(entry))]
            if not entry.get("args"):
                break
        else:
            block.append((0x06, 0, 0, action(last)))
        assert len(block) < 256
        code += [(0x15, 0, len(block), number)] + block
    code += [(0x25, 0, 1, max(NAMES)), (0x06, 0, 0, 0x00050000 | 38), (0x06, 0, 0, action(last))]
    return b"".join(struct.pack("<HBBI", *each) for each in code)


class Attack:
    def __init__(self, path):
        self.path, self.kind = path, path.rsplit(".", 1)[1]
        self.name = os.path.relpath(path, HERE).rsplit(".", 1)[0]
        head = [line.lstrip("/# ").rstrip() for line in open(path).read().split("\n")[:30]]
        self.head = dict(line.split(": ", 1) for line in head if line.split(":")[0] in KEYS)
        for key in KEYS[:5]:
            assert key in self.head, f"{self.name}: no {key}"
        assert self.head["control"] in CONTROLS, f"{self.name}: no control {self.head['control']}"
        for each in self.without - {"Escape", "Kernel"}:
            assert each in CONTROLS, f"{self.name}: no control {each}"
        assert self.off == 0 or self.head["off"] != "none"
        self.limits = dict(each.split("=") for each in self.head.get("limits", "").split())

    @property
    def expect(self):
        return set(self.head["expect"].split("|"))

    @property
    def without(self):
        return set(self.head["without"].split("|"))

    @property
    def off(self):
        name = self.head["off"]
        return 0 if name == "none" else C["OFF_" + name.upper().replace("-", "_")]


def size(text):
    return int(re.match(r"\d+", text)[0]) << {"Ki": 10, "Mi": 20, "Gi": 30, "": 0}[re.sub(r"\d+", "", text)]


def run(attack, build, program, off=0, prefix=()):
    limits = attack.limits
    scratch = size(limits.get("scratchSize", "64Mi"))
    rlimits = [
        ("NPROC", *[int(limits.get("processes", 64))] * 2),
        ("NOFILE", *[int(limits.get("openFiles", 256))] * 2),
        ("FSIZE", *[size(limits.get("fileSize", "64Mi"))] * 2),
    ]
    wall = int(limits.get("wallTimeMilliseconds", 20000)) / 1000
    host_root = bool(off & C["OFF_MOUNTNS"])
    name = "main." + attack.kind
    inside = program if host_root else "/built/program" if attack.kind == "c" else "/work/" + name
    # As the engine lays it out (Sandbox.java).
    binds, symlinks, files = [(program, inside, 0)] if host_root or attack.kind == "c" else [], [], []
    for each in SYSTEM:
        if os.path.islink(each) and not host_root:
            symlinks.append((os.readlink(each), each))
        else:
            binds.append((each, each, 2))
    if host_root and attack.kind == "js":
        binds.append(("/etc/ssl/openssl.cnf", "/etc/ssl/openssl.cnf", 2))  # else Node.js does not start
    if not host_root:
        symlinks += [("/work/.tmp", "/tmp"), ("/work/.shm", "/dev/shm"), ("/proc/self/fd", "/dev/fd")]
        files += [("/work/.tmp/.keep", 0o644, b""), ("/work/.shm/.keep", 0o644, b"")]
        files += [("/etc/passwd", 0o644, b"sandbox:x:65532:65532:sandbox:/work:/bin/sh\n")]
        if attack.kind != "c":
            files.append((inside, 0o644, open(program, "rb").read()))
    payload = request(
        COMMAND[attack.kind] + [inside],
        env=["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/work", "LANG=C.UTF-8", "TMPDIR=/tmp"],
        default_binds=False,
        binds=binds,
        symlinks=symlinks,
        files=files,
        tmpfs=[("/work", scratch, max(256, min(65536, scratch // 4096)), 0o755)],
        cwd="/" if host_root else "/work",
        rlimits=rlimits,
        proc=attack.head.get("needs") == "proc",
        filter=compile_profile(PROFILE[attack.kind]),
        off=off,
        collect=["/work/result*", "/work/*.txt"],
        collect_limits=(65536, 16),
    )
    started = time.monotonic()
    r = Run(os.path.join(build, "gabion-launch-test" if off else "gabion-launch"), payload, prefix=prefix)
    most = int(limits.get("outputBytes", 1 << 20))
    verdict = None
    while r.pump(0.05):
        if verdict is None and r.get("READY") and len(r.out) + len(r.err) > most:
            verdict = "OutputExceeded"
            r.kill()
        if verdict is None and time.monotonic() - started > wall:
            verdict = "WallTimeExceeded"
            r.kill()
        if time.monotonic() - started > wall + 30:
            r.process.kill()
            return "Hangs", r
    r.finish(5)
    end = r.get("EXIT")
    if r.get("MALFORMED"):
        return "Escape", r  # it forged an event
    if end is None:
        return "Error", r
    if r.get("VIOLATION"):
        verdict = "SecurityViolation"
    verdict = verdict or ("Signalled" if end["kind"] else "NonZeroExit" if end["code"] else "contained")
    if b"ESCAPED" in r.out:
        verdict = "Escape"
    return verdict, r


KNOWN = set()  # named once


def survivors():
    """Processes of the guest's user outside that were not there before."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.stat(f"/proc/{pid}").st_uid == 65531 and os.geteuid() == 0:
                found.append(int(pid))
        except OSError:
            pass
    new = [each for each in found if each not in KNOWN]
    KNOWN.update(new)
    return new


def judge(attack, verdict, r):
    """What is wrong with the run in full isolation, or nothing."""
    if verdict not in attack.expect:
        return f"{verdict}, expected {attack.head['expect']}"
    if verdict == "contained" and b"CONTAINED" not in r.out:
        return "says nothing"
    if verdict == "contained" and "errno" in attack.head and attack.head["errno"].encode() not in r.out:
        return f"not {attack.head['errno']}"
    if verdict == "SecurityViolation" and "syscall" in attack.head and r.get("VIOLATION")["arch"] == r.get("HELLO")["arch"]:
        named = NAMES.get(r.get("VIOLATION")["nr"])
        if named.replace("at", "") != attack.head["syscall"].replace("at", ""):
            return f"violation by {named}"
    for path, content in r.files.items():
        if b"root:" in content:
            return f"{path} was collected with the host's content"
    left = survivors()
    return f"survived: {left}" if left else None


def outer_cgroup():
    """For bombs whose limits are off: bounds of the machine's own. A command prefix, or null where there is none."""
    name = f"gabion-attacks-{os.getpid()}"
    script = ""
    for controller, file, value in (("pids", "pids.max", "200"), ("memory", "memory.limit_in_bytes", str(700 << 20))):
        directory = f"/sys/fs/cgroup/{controller}/{name}"
        try:
            os.makedirs(directory, exist_ok=True)
            with open(f"{directory}/{file}", "w") as out:
                out.write(value)
        except OSError:
            return None
        script += f"echo $$ > {directory}/cgroup.procs && "
    return ["/bin/sh", "-c", script + 'exec "$@"', "sh"]


def prepare(attack, build, directory):
    """Where the program lies, in a place that every user can enter. C is compiled once."""
    if attack.kind != "c":
        target = os.path.join(directory, attack.name.replace("/", "-") + "." + attack.kind)
        shutil.copy(attack.path, target)
    else:
        cached = os.path.join(build, "attacks", attack.name.replace("/", "-"))
        os.makedirs(os.path.dirname(cached), exist_ok=True)
        if not os.path.exists(cached) or os.path.getmtime(cached) < os.path.getmtime(attack.path):
            subprocess.run(["gcc", "-std=gnu17", "-O1", "-w", "-static", "-o", cached, attack.path, "-lm"], check=True)
        target = os.path.join(directory, os.path.basename(cached))
        shutil.copy(cached, target)
    os.chmod(target, 0o755)
    return target


def corpus():
    paths = [os.path.join(d, f) for d, _, fs in os.walk(HERE) for f in fs if d != HERE and f.rsplit(".", 1)[-1] in COMMAND]
    return sorted((Attack(each) for each in paths), key=lambda each: each.name)


def page(attacks):
    """The list of all attacks for readers."""
    out = [
        "# The attack corpus",
        "",
        f"Rendered from the heads in `sandbox-runner/attacks` by `check.py --page`; not edited by hand. {len(attacks)} programs, each",
        "tried in the full isolation by the engine's test, and by `make launcher-attacks` once more with the named control",
        "switched off. *Without it*: `Escape` (nothing else stops it), another control, or `Kernel` (this kernel refuses",
        "anyway); `-`: there is no switch, the engine's own clocks and counts are the control.",
    ]
    for category in sorted({each.name.split("/")[0] for each in attacks}):
        out += ["", f"## {category}", "", "| attack | what it tries | ends as | stopped by | without it |", "|---|---|---|---|---|"]
        for each in attacks:
            if each.name.split("/")[0] == category:
                ends = each.head["expect"].replace("|", ", ") + (f" ({each.head['syscall']})" if "syscall" in each.head else "")
                ends += f" ({each.head['errno']})" if "errno" in each.head else ""
                without = "-" if each.head["off"] == "none" else each.head["without"].replace("|", ", ")
                name = os.path.basename(each.path)
                out.append(f"| {name} | {each.head['attack']} | {ends} | {each.head['control']} | {without} |")
    return "\n".join(out) + "\n"


def main():
    if sys.argv[1] == "--page":
        sys.stdout.write(page(corpus()))
        return 0
    build, wanted = sys.argv[1], sys.argv[2:]
    attacks = corpus()
    written = os.path.join(HERE, "../../docs/security/attacks.md")
    if not wanted and os.path.exists(written) and open(written).read() != page(attacks):
        print("FAIL docs/security/attacks.md is not what the heads say: sandbox-runner/attacks/check.py --page > docs/security/attacks.md")
        return 1
    attacks = [each for each in attacks if not wanted or each.name in wanted or each.name.split("/")[0] in wanted]
    failed, left, off_runs = [], [], 0
    cgroup = outer_cgroup()
    survivors()
    with tempfile.TemporaryDirectory(prefix="gabion-attacks-") as directory:
        os.chmod(directory, 0o755)
        for name in ("gabion-launch", "gabion-launch-test"):
            shutil.copy(os.path.join(build, name), directory)
        for attack in attacks:
            if attack.head.get("arch", os.uname().machine) != os.uname().machine:
                left.append(f"{attack.name}: only on {attack.head['arch']}")
                continue
            if COMMAND[attack.kind] and not os.path.exists(COMMAND[attack.kind][0]):
                left.append(f"{attack.name}: no {COMMAND[attack.kind][0]} here")
                continue
            program = prepare(attack, build, directory)
            if attack.expect <= ENGINE_ONLY or "memory" in attack.limits and attack.head["off"] == "none":
                left.append(f"{attack.name}: CPU and memory are the engine's")
                continue
            verdict, r = run(attack, directory, program)
            wrong = judge(attack, verdict, r)
            without = "-"
            if wrong is None and attack.off and (os.geteuid() == 0 or attack.head["off"] != "userns"):
                bomb = attack.head.get("bomb") == "yes"
                if bomb and cgroup is None:
                    left.append(f"{attack.name}: no outer cgroup for a bomb without its control")
                else:
                    without, r2 = run(attack, directory, program, attack.off, cgroup if bomb else ())
                    off_runs += 1
                    escaped = without == "Escape"
                    others = attack.without - {"Escape"}
                    if without in ("Error", "Hangs"):
                        wrong = f"without {attack.head['off']}: {without} {r2.events[-3:]} {r2.err[-200:]!r}"
                    elif b"Traceback" in r2.err:
                        wrong = f"without {attack.head['off']} it does not even try: {r2.err[-200:]!r}"
                    elif escaped and "Escape" not in attack.without:
                        wrong = f"without {attack.head['off']} it escapes: {r2.out[-100:]!r}"
                    elif not escaped and not others and not bomb:  # a bomb may end at the outer cgroup
                        wrong = f"without {attack.head['off']} it does not escape: {without} {r2.out[-100:]!r}"
                    left_over = survivors()
                    if left_over and wrong is None:
                        wrong = f"without {attack.head['off']} survived: {left_over}"
                    without = f"{without} {r2.out[-60:].decode(errors='replace').strip().splitlines()[-1:]}"
            if wrong:
                failed.append(f"{attack.name}: {wrong} {r.out[-120:]!r} {r.err[-200:]!r} {r.get('ERROR') or ''}")
            print(f"{'FAIL' if wrong else 'ok  '} {attack.name:38} {verdict:18} without {attack.head['off']}: {without}", flush=True)
    for each in left:
        print(f"left {each}")
    for each in failed:
        print(f"FAIL {each}")
    for controller in ("pids", "memory"):
        try:
            os.rmdir(f"/sys/fs/cgroup/{controller}/gabion-attacks-{os.getpid()}")
        except OSError:
            pass
    tried = len(attacks) - len(left)
    print(f"attacks: {len(attacks)} in the corpus, {off_runs} also without their control, {len(left)} left to the engine's test; ", end="")
    print(f"{tried - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
