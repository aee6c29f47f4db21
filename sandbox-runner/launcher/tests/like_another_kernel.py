# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Runs a command where some system calls answer as on a kernel that lacks them: like_another_kernel.py WHAT[,WHAT] COMMAND...

WHAT: clone3 and mount_setattr (ENOSYS), listener (a seccomp listener: EINVAL)."""
import ctypes
import os
import struct
import sys

NUMBERS = {"clone3": 435, "mount_setattr": 442}  # the same on every machine since Linux 5.0
SECCOMP = 317 if os.uname().machine == "x86_64" else 277
ERRNO, ALLOW, ENOSYS, EINVAL, NEW_LISTENER = 0x00050000, 0x7FFF0000, 38, 22, 8


def main():
    code = [(0x20, 0, 0, 0)]
    for name in sys.argv[1].split(","):
        if name == "listener":
            code += [(0x15, 0, 4, SECCOMP), (0x20, 0, 0, 24), (0x45, 0, 1, NEW_LISTENER), (0x06, 0, 0, ERRNO | EINVAL)]
            code += [(0x06, 0, 0, ALLOW)]
        else:
            code += [(0x15, 0, 1, NUMBERS[name]), (0x06, 0, 0, ERRNO | ENOSYS)]
    code.append((0x06, 0, 0, ALLOW))
    program = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *each) for each in code))
    filter = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", len(code), ctypes.addressof(program)))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, filter, 0, 0) == 0, ctypes.get_errno()
    os.execvp(sys.argv[2], sys.argv[2:])


main()
