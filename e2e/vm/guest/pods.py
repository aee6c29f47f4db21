# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""A job's pod without a kubelet: the runner's image, started by crun from the configuration that containerd would write for
the operator's pod (user namespace, masked paths, cgroup v2 with the kubelet's limits, seccomp and AppArmor profiles)."""

import json
import os
import shutil

from harness import read, run, write

ROOT_CGROUP = "/sys/fs/cgroup"
MEBIBYTE = 1 << 20
UID = 65532
# The node's ids behind the pod's, as kubelet gives each pod a range of its own.
FIRST_ID = 200_000
PROFILE = "gabion-runner"
# Of what JobPlan.RUNNER_OVERHEAD_BYTES says a pod needs beside the guest.
OVERHEAD = 160 * MEBIBYTE
SCRATCH = 16 * MEBIBYTE

MASKED = ["/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
          "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap"]
READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]


def enable_controllers():
    """What a kubelet does at its start: pods get all controllers, below a group of their own."""
    os.makedirs(f"{ROOT_CGROUP}/kubepods", exist_ok=True)
    for folder in (ROOT_CGROUP, f"{ROOT_CGROUP}/kubepods"):
        write(f"{folder}/cgroup.subtree_control", "+cpu +memory +pids")


class Pod:
    def __init__(self, name, source, level="Process", memory=64 * MEBIBYTE, cpu_time=60_000, processes=64, host_users=False,
                 apparmor=PROFILE, pod_memory=None, oom_group=True, command=None, masked=True):
        self.name, self.apparmor, self.host_users, self.oom_group = name, apparmor, host_users, oom_group
        self.command = command or ["/opt/gabion/bin/runner", "pod"]
        self.masked = masked
        self.pod_memory = pod_memory or memory + SCRATCH + OVERHEAD
        self.folder = f"/run/pods/{name}"
        self.cgroup = f"{ROOT_CGROUP}/kubepods/pod-{name}"
        self.plan = {
            "version": 1, "namespace": "vm", "name": name, "uid": f"uid-{name}", "attempt": 1,
            "program": {"runtime": "python", "fileName": "main.py", "command": ["/usr/bin/python3", "-I", "{file}"], "proc": "None"},
            "files": [{"name": "main.py", "file": "file-0"}], "isolation": level, "seccompProfile": "python",
            "limits": {"cpuMillicores": 1000, "cpuTimeMilliseconds": cpu_time, "wallTimeMilliseconds": 120_000, "memoryBytes": memory,
                       "processes": processes, "openFiles": 256, "outputBytes": MEBIBYTE, "fileSizeBytes": 64 * MEBIBYTE,
                       "scratchSizeBytes": SCRATCH},
        }  # fmt: skip
        self.source = source

    def run(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        for part in ("plan", "source", "scratch", "tmp"):
            os.makedirs(f"{self.folder}/{part}")
        write(f"{self.folder}/plan/plan.json", json.dumps(self.plan))
        write(f"{self.folder}/source/file-0", self.source)
        write(f"{self.folder}/message", "")
        os.chmod(f"{self.folder}/message", 0o666)
        owner = UID if self.host_users else FIRST_ID + UID
        for part in ("scratch", "tmp"):
            os.chown(f"{self.folder}/{part}", owner, owner)
        write(f"{self.folder}/config.json", json.dumps(self.configuration()))
        os.makedirs(self.cgroup, exist_ok=True)
        write(f"{self.cgroup}/cgroup.subtree_control", "+cpu +memory +pids")
        write(f"{self.cgroup}/memory.max", str(self.pod_memory))
        ran = run("crun", "--cgroup-manager=cgroupfs", "--root=/run/crun", "run", f"--bundle={self.folder}", self.name)
        done = Done(self, ran)
        run("crun", "--cgroup-manager=cgroupfs", "--root=/run/crun", "delete", "--force", self.name)
        return done

    def configuration(self):
        flags = ["nosuid", "noexec", "nodev"]
        namespaces = ["pid", "ipc", "uts", "mount", "network", "cgroup"] + ([] if self.host_users else ["user"])
        mounts = [
            {"destination": "/proc", "type": "proc", "source": "proc", "options": flags},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
            {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
             "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]},
            {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": [*flags, "mode=1777", "size=65536k"]},
            {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": flags},
            {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": [*flags, "ro"]},
            {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": [*flags, "relatime", "ro"]},
            *({"destination": f"/gabion/{part}", "type": "bind", "source": f"{self.folder}/{part}", "options": ["rbind", mode]}
              for part, mode in (("plan", "ro"), ("source", "ro"), ("scratch", "rw"))),
            {"destination": "/tmp", "type": "bind", "source": f"{self.folder}/tmp", "options": ["rbind", "rw"]},
            {"destination": "/dev/termination-log", "type": "bind", "source": f"{self.folder}/message", "options": ["bind", "rw"]},
        ]  # fmt: skip
        linux = {
            "namespaces": [{"type": name} for name in namespaces],
            "cgroupsPath": f"/kubepods/pod-{self.name}/runner",
            "resources": {
                "memory": {"limit": self.pod_memory, "swap": self.pod_memory},
                "cpu": {"shares": 122, "quota": 120_000, "period": 100_000},
                "pids": {"limit": 4096},
                "unified": {"memory.oom.group": "1" if self.oom_group else "0"},
            },
            "seccomp": seccomp(),
            "maskedPaths": MASKED if self.masked else [],
            "readonlyPaths": READ_ONLY,
        }
        if not self.host_users:
            linux["uidMappings"] = linux["gidMappings"] = [{"containerID": 0, "hostID": FIRST_ID, "size": 65536}]
        process = {
            "user": {"uid": UID, "gid": UID, "additionalGids": [UID]},
            "args": self.command,
            "env": ["PATH=/opt/gabion/bin:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/tmp"],
            "cwd": "/",
            "capabilities": {name: [] for name in ("bounding", "effective", "inheritable", "permitted", "ambient")},
            "noNewPrivileges": True,
            "oomScoreAdj": 900,
        }
        if self.apparmor:
            process["apparmorProfile"] = self.apparmor
        return {"ociVersion": "1.0.2", "process": process, "root": {"path": "/image", "readonly": True}, "hostname": self.name,
                "mounts": mounts, "linux": linux}  # fmt: skip


def seccomp():
    """The kubelet's Localhost profile, as a container runtime passes it on."""
    profile = json.load(open("/run/guest/runner.json"))
    rules = [{key: rule[key] for key in ("names", "action", "errnoRet", "args") if key in rule} for rule in profile["syscalls"]]
    wanted = {"x86_64": ("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"), "aarch64": ("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM")}
    return {"defaultAction": profile["defaultAction"], "defaultErrnoRet": profile["defaultErrnoRet"],
            "architectures": list(wanted[os.uname().machine]), "syscalls": rules}  # fmt: skip


class Done:
    """What a kubelet would know afterwards: exit code, termination message, log; and the pod's cgroup, which is its to remove."""

    def __init__(self, pod, ran):
        self.code, self.ran = ran.code, ran
        self.message = read(f"{pod.folder}/message")
        self.result = json.loads(self.message) if self.message else {}
        self.frames = [json.loads(line[1:]) for line in ran.out.split("\n") if line.startswith("\x1e")]
        final = [frame["result"] for frame in self.frames if frame.get("kind") == "result"]
        self.whole = final[-1] if final else {}
        self.verdict = self.result.get("verdict")
        self.usage = self.whole.get("usage", {})
        self.events = numbers(f"{pod.cgroup}/memory.events")
        self.cpu_milliseconds = numbers(f"{pod.cgroup}/cpu.stat").get("usage_usec", 0) // 1000
        self.peak = read(f"{pod.cgroup}/memory.peak")

    def control(self, name):
        found = [control for control in self.whole.get("controls", self.result.get("controls", [])) if control["name"] == name]
        return found[0] if found else {}

    def reason(self):
        return json.dumps(self.result.get("reasons", []))

    def __str__(self):
        return f"exit code {self.code}, cgroup {self.events} peak {self.peak}\nmessage: {self.message[:2500]}\n{self.ran.err[-2000:]}\n{self.ran.out[-1500:]}"


def numbers(path):
    return {key: int(value) for key, value in (line.split() for line in read(path).splitlines() if len(line.split()) == 2) if value.isdigit()}
