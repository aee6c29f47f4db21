# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""A small client of gabion-launch for tests: builds requests, speaks the protocol. Not for production."""
import os
import platform
import re
import select
import socket
import struct
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
C = {
    name: int(value, 0)
    for name, value in re.findall(
        r"^#define GBL_(\w+) (\w+)$", open(os.path.join(HERE, "../src/protocol.h")).read(), re.M
    )
}
RLIMITS = dict(CPU=0, FSIZE=1, DATA=2, STACK=3, CORE=4, NPROC=6, NOFILE=7, MEMLOCK=8, AS=9, MSGQUEUE=12)
INFINITY = 2**64 - 1
X86 = platform.machine() == "x86_64"
NR = (
    dict(socket=41, ptrace=101, mount=165, unshare=272, bpf=321, keyctl=250, uname=63, getpid=39, kill=62)
    if X86
    else dict(socket=198, ptrace=117, mount=40, unshare=97, bpf=280, keyctl=219, uname=160, getpid=172, kill=129)
)
ALLOW, NOTIFY, ERRNO = 0x7FFF0000, 0x7FC00000, 0x00050000


def bpf(violations=("ptrace", "mount", "unshare", "bpf", "keyctl"), quiet=(("socket", 1),)):
    """Everything allowed but what is listed: enough to test the launcher, no profile."""
    rules = [(NR[name], NOTIFY) for name in violations] + [(NR[name], ERRNO | errno) for name, errno in quiet]
    code = [(0x20, 0, 0, 0)]
    for number, verdict in rules:
        code += [(0x15, 0, 1, number), (0x06, 0, 0, verdict)]
    code.append((0x06, 0, 0, ALLOW))
    return b"".join(struct.pack("<HBBI", *each) for each in code)


def record(kind, payload=b"", flags=0):
    return struct.pack("<HHI", kind, flags, len(payload)) + payload


def text(value):
    return value.encode() if isinstance(value, str) else value


def two(first, second):
    return struct.pack("<H", len(text(first))) + text(first) + text(second)


DEFAULT_BINDS = ["/usr", "/bin", "/lib", "/lib64", "/etc/alternatives", "/etc/ld.so.cache"]


def request(
    argv,
    level="process",
    landlock=True,
    proc=False,
    learn=False,
    sockets=False,
    env=("PATH=/usr/bin:/bin",),
    cwd="/work",
    binds=(),
    default_binds=True,
    tmpfs=(("/work", 16 << 20, 1024, 0o700),),
    files=(),
    symlinks=(),
    rlimits=(),
    filter=None,
    collect=(),
    collect_sizes=(),
    collect_limits=(1 << 20, 16),
    ids=None,
    hostname=None,
    off=0,
    extra=b"",
    version=1,
):
    root = os.geteuid() == 0
    ids = ids or (65532, 65532, 65531 if root else 0xFFFFFFFF, 65531 if root else 0xFFFFFFFF)
    flags = (1 if landlock else 0) | (2 if proc else 0) | (4 if learn else 0) | (8 if sockets else 0)
    out = record(C["REQ_LEVEL"], struct.pack("<I", 1 if level == "process" else 2))
    out += record(C["REQ_FLAGS"], struct.pack("<I", flags))
    out += record(C["REQ_IDS"], struct.pack("<IIII", *ids))
    if hostname is not None:
        out += record(C["REQ_HOSTNAME"], text(hostname))
    out += b"".join(record(C["REQ_ARG"], text(each)) for each in argv)
    out += b"".join(record(C["REQ_ENV"], text(each)) for each in env)
    if cwd:
        out += record(C["REQ_CWD"], text(cwd))
    all_binds = [(each, each, 2) for each in (DEFAULT_BINDS if default_binds else [])] + list(binds)
    for source, target, bind_flags in all_binds:
        if os.path.islink(source) and level == "process" and default_binds and source in DEFAULT_BINDS:
            out += record(C["REQ_SYMLINK"], two(os.readlink(source), target))
        else:
            out += record(C["REQ_BIND"], two(source, target), bind_flags)
    for target, size, inodes, mode in tmpfs:
        out += record(C["REQ_TMPFS"], struct.pack("<QQI", size, inodes, mode) + text(target))
    for link, path in symlinks:
        out += record(C["REQ_SYMLINK"], two(link, path))
    for path, mode, content in files:
        out += record(C["REQ_FILE"], struct.pack("<I", mode) + two(path, content))
    for name, soft, hard in rlimits:
        out += record(C["REQ_RLIMIT"], struct.pack("<IQQ", RLIMITS[name], soft, hard))
    out += record(C["REQ_SECCOMP"], filter if filter is not None else bpf())
    for pattern in collect_sizes:
        out += record(C["REQ_COLLECT"], text(pattern), C["COLLECT_SIZE_ONLY"])
    for pattern in collect:
        out += record(C["REQ_COLLECT"], text(pattern))
    if collect or collect_sizes:
        out += record(C["REQ_COLLECT_LIMITS"], struct.pack("<QI", *collect_limits))
    if off:
        out += record(C["REQ_TEST_SWITCHES"], struct.pack("<I", off))
    out += extra + record(C["REQ_END"])
    return struct.pack("<IHHI", C["MAGIC"], version, 0, len(out)) + out


class Run:
    """One launcher. Events are collected in .events as (name, dict)."""

    def __init__(self, binary, payload, stdin=b"", auto_go=True, close_after=None, prefix=()):
        self.ours, theirs = socket.socketpair()
        self.events, self.files, self.buffer = [], {}, b""
        self.auto_go = auto_go
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            [*prefix, binary, "--fd", str(theirs.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        try:
            self.ours.sendall(payload)
        except OSError:
            pass
        try:
            self.process.stdin.write(stdin)
            self.process.stdin.close()
        except OSError:
            pass
        self.out, self.err = b"", b""

    def send(self, kind, payload=b"", flags=0):
        self.ours.sendall(record(kind, payload, flags))

    def go(self):
        self.send(C["CMD_GO"])

    def kill(self, flags=0):
        self.send(C["CMD_KILL"], flags=flags)

    def wait_for(self, name, timeout=20):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            found = self.get(name)
            if found is not None:
                return found
            if not self.pump(end - time.monotonic()):
                return self.get(name)
        raise TimeoutError(f"no {name} in {timeout} s: {self.events}")

    def finish(self, timeout=30):
        end = time.monotonic() + timeout
        while self.pump(end - time.monotonic()):
            if time.monotonic() > end:
                self.process.kill()
                raise TimeoutError(f"not finished in {timeout} s: {self.events}")
        self.process.wait(timeout=5)
        for name in ("stdout", "stderr"):
            os.set_blocking(getattr(self.process, name).fileno(), False)
        self.out += self.process.stdout.read() or b""
        self.err += self.process.stderr.read() or b""
        return self

    def pump(self, timeout):
        streams = [self.ours] + [each for each in (self.process.stdout, self.process.stderr) if not each.closed]
        ready, _, _ = select.select(streams, [], [], max(0, timeout))
        for each in ready:
            if each is self.process.stdout or each is self.process.stderr:
                data = os.read(each.fileno(), 65536)
                if each is self.process.stdout:
                    self.out += data
                else:
                    self.err += data
                if not data:
                    each.close()
                    if each is self.process.stdout:
                        self.process.stdout = open(os.devnull, "rb")
                    else:
                        self.process.stderr = open(os.devnull, "rb")
        if self.ours in ready:
            try:
                data = self.ours.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                return False
            self.buffer += data
            self.parse()
        return True

    def parse(self):
        while len(self.buffer) >= 8:
            kind, flags, length = struct.unpack_from("<HHI", self.buffer)
            if len(self.buffer) < 8 + length:
                return
            payload, self.buffer = self.buffer[8 : 8 + length], self.buffer[8 + length :]
            try:
                self.on_event(kind, flags, payload)
            except (struct.error, IndexError, KeyError, AttributeError):
                self.add("MALFORMED", dict(kind=kind, length=length))

    def on_event(self, kind, flags, p):
        if kind == C["EV_HELLO"]:
            self.add("HELLO", dict(zip(("version", "arch", "landlock"), struct.unpack("<III", p))), flags=flags)
        elif kind == C["EV_PROBE"]:
            name = p[2 : 2 + p[1]].decode()
            self.add("PROBE", dict(name=name, state=p[0], evidence=p[2 + p[1] :].decode()))
        elif kind == C["EV_READY"]:
            self.add("READY", dict(zip(("init", "guest"), struct.unpack("<II", p))))
            if self.auto_go:
                self.go()
        elif kind == C["EV_STARTED"]:
            self.add("STARTED", dict(zip(("at", "pid"), struct.unpack("<QI", p))))
        elif kind == C["EV_VIOLATION"]:
            arch, nr, *rest = struct.unpack("<II6QI", p)
            self.add("VIOLATION", dict(arch=arch, nr=nr, args=rest[:6], pid=rest[6]))
        elif kind == C["EV_EXIT"]:
            names = "cause kind code user system perf rss reads writes ended reaped killed".split()
            self.add("EXIT", dict(zip(names, struct.unpack("<BBHQQQQQQQII", p))))
        elif kind == C["EV_FILE_BEGIN"]:
            size, mode, status = struct.unpack_from("<QIB", p)
            self.add("FILE", dict(size=size, mode=mode, status=status, path=p[13:].decode(errors="surrogateescape")))
            self.current = p[13:].decode(errors="surrogateescape")
            if status == 0:
                self.files[self.current] = b""
        elif kind == C["EV_FILE_DATA"]:
            self.files[self.current] += p
        elif kind == C["EV_FILE_END"]:
            pass
        elif kind == C["EV_DONE"]:
            self.add("DONE", {})
        elif kind == C["EV_ERROR"]:
            length = p[4]
            self.add(
                "ERROR",
                dict(errno=struct.unpack_from("<I", p)[0], stage=p[5 : 5 + length].decode(), text=p[5 + length :].decode()),
            )
        else:
            self.add("UNKNOWN", dict(kind=kind))

    def add(self, name, values, **more):
        self.events.append((name, {**values, **more}))

    def get(self, name):
        for each, values in self.events:
            if each == name:
                return values
        return None

    def all(self, name):
        return [values for each, values in self.events if each == name]

    def probes(self):
        return {each["name"]: each for each in self.all("PROBE")}
