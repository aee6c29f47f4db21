# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""One program, once: in the launcher with some controls left off, or outside of any sandbox."""
import os
import re
import shutil
import subprocess
import time

import profiles
from launcher import C, Run, request

COMMAND = {
    "py": ["/usr/bin/python3", "-u", "-B", "-s"],
    "sh": ["/bin/bash"],
    "js": ["/usr/bin/node"],
    "c": [],
}
PROFILE = {"py": "python", "sh": "bash", "js": "node", "c": "c"}
SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/libx32", "/lib64", "/etc/alternatives", "/etc/ld.so.cache"]
ENVIRONMENT = ["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/work", "LANG=C.UTF-8", "TMPDIR=/tmp"]
GUEST = 65531


class Trial:
    """How it ended: `contained`, `Escape`, a verdict, `Error` or `Hangs`; and what it was answered."""

    def __init__(self, ended, said="", run=None, err=b""):
        self.ended, self.run, self.err = ended, run, run.err if run else err
        last = said.strip().splitlines()[-1:] or [""]
        self.answer = last[0].removeprefix("CONTAINED").strip()

    def is_answer(self, answer):
        return self.ended == "contained" and self.answer.startswith(answer)

    def __str__(self):
        return f"{self.ended} {self.answer[-60:]}".strip()


def switches(names):
    return sum(C["OFF_" + each.upper().replace("-", "_")] for each in set(names))


def size(text):
    return int(re.match(r"\d+", text)[0]) << {"Ki": 10, "Mi": 20, "Gi": 30, "": 0}[re.sub(r"\d+", "", text)]


def payload(attack, program, off):
    limits = attack.limits
    scratch = size(limits.get("scratchSize", "64Mi"))
    rlimits = [
        ("NPROC", *[int(limits.get("processes", 64))] * 2),
        ("NOFILE", *[int(limits.get("openFiles", 256))] * 2),
        ("FSIZE", *[size(limits.get("fileSize", "64Mi"))] * 2),
    ]
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
    return request(
        COMMAND[attack.kind] + [inside],
        env=ENVIRONMENT,
        default_binds=False,
        binds=binds,
        symlinks=symlinks,
        files=files,
        tmpfs=[("/work", scratch, max(256, min(65536, scratch // 4096)), 0o755)],
        cwd="/" if host_root else "/work",
        rlimits=rlimits,
        proc=attack.head.get("needs") == "proc",
        filter=profiles.compile_profile(PROFILE[attack.kind]),
        off=off,
        collect=["/work/result*", "/work/*.txt"],
        collect_limits=(65536, 16),
    )


def confined(attack, build, program, off=(), prefix=()):
    """In the launcher, the switches `off` left off."""
    bits = switches(off)
    wall = int(attack.limits.get("wallTimeMilliseconds", 20000)) / 1000
    started = time.monotonic()
    r = Run(os.path.join(build, "gabion-launch-test" if bits else "gabion-launch"), payload(attack, program, bits), prefix=prefix)
    most = int(attack.limits.get("outputBytes", 1 << 20))
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
            return Trial("Hangs", run=r)
    r.finish(5)
    end = r.get("EXIT")
    said = r.out[-4096:].decode(errors="replace")
    if r.get("MALFORMED"):
        return Trial("Escape", "forged an event", r)
    if end is None:
        return Trial("Error", str(r.get("ERROR")), r)
    if r.get("VIOLATION"):
        verdict = "SecurityViolation"
    verdict = verdict or ("Signalled" if end["kind"] else "NonZeroExit" if end["code"] else "contained")
    return Trial("Escape" if b"ESCAPED" in r.out else verdict, said, r)


def bare(attack, program, directory):
    """Outside of any sandbox, as an ordinary user: what this kernel answers anyway."""
    as_user = ["setpriv", f"--reuid={GUEST}", f"--regid={GUEST}", "--clear-groups"] if os.geteuid() == 0 else []
    done = subprocess.run(
        as_user + COMMAND[attack.kind] + [program],
        cwd=directory,
        env=dict(each.split("=", 1) for each in ENVIRONMENT),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=20,
    )
    said = done.stdout.decode(errors="replace")
    return Trial("Escape" if "ESCAPED" in said else "contained" if done.returncode == 0 else "NonZeroExit", said, err=done.stderr)


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


class OuterCgroup:
    """For bombs whose limits are off: bounds of the machine's own, where this user may make a cgroup v1."""

    LIMITS = (("pids", "pids.max", "200"), ("memory", "memory.limit_in_bytes", str(700 << 20)))

    def __init__(self):
        self.made, self.prefix = [], None
        script = ""
        for controller, file, value in self.LIMITS:
            directory = f"/sys/fs/cgroup/{controller}/gabion-attacks-{os.getpid()}"
            try:
                os.makedirs(directory, exist_ok=True)
                self.made.append(directory)
                with open(f"{directory}/{file}", "w") as out:
                    out.write(value)
            except OSError:
                return
            script += f"echo $$ > {directory}/cgroup.procs && "
        self.prefix = ["/bin/sh", "-c", script + 'exec "$@"', "sh"]

    def refused_forks(self):
        return int(re.search(r"max (\d+)", open(f"{self.made[0]}/pids.events").read())[1])

    def remove(self):
        for each in self.made:
            try:
                os.rmdir(each)
            except OSError:
                pass
