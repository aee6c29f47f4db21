# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: run a program from memory, with no file
# expect: contained
# control: Seccomp
# off: seccomp
# without: Escape
# errno: ENOSYS
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
fd = libc.syscall(319 if os.uname().machine == "x86_64" else 279, b"x", 0)
if fd < 0:
    print("CONTAINED", errno.errorcode[ctypes.get_errno()])
    raise SystemExit
os.write(fd, open("/usr/bin/true", "rb").read())
if os.fork() == 0:
    try:
        os.execve(fd, ["true"], {})
    except OSError:
        os._exit(1)
if os.wait()[1] == 0:
    print("ESCAPED ran it")
    raise SystemExit(66)
print("CONTAINED not executed")
