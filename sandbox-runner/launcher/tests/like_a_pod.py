# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Runs a command as a container of a restricted pod with hostUsers: false would: like_a_pod.py COMMAND...

A user namespace with a range of ids, pid and mount namespaces, a /proc with masked parts, uid 65532, no capability, an empty
bounding set, no_new_privs. Needs root."""
import ctypes
import os
import sys

NEWUSER, NEWNS, NEWPID = 0x10000000, 0x00020000, 0x20000000
INSIDE = """
mount --make-rprivate /
mount -t proc proc /proc
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount --bind /dev/null /proc/timer_list 2>/dev/null || mount --bind /dev/null /proc/keys
exec setpriv --reuid 65532 --regid 65532 --clear-groups --bounding-set -all --inh-caps -all --no-new-privs "$@"
"""


def main():
    libc = ctypes.CDLL(None, use_errno=True)
    ready_read, ready_write = os.pipe()
    mapped_read, mapped_write = os.pipe()
    child = os.fork()
    if child == 0:
        if libc.unshare(NEWUSER | NEWNS | NEWPID) != 0:
            os._exit(70)
        os.write(ready_write, b"x")
        os.read(mapped_read, 1)
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
        inner = os.fork()
        if inner == 0:
            os.execvp("sh", ["sh", "-ec", INSIDE, "sh", *sys.argv[1:]])
        os._exit(os.waitstatus_to_exitcode(os.waitpid(inner, 0)[1]) & 0xFF)
    os.read(ready_read, 1)
    for name in ("uid_map", "gid_map"):
        with open(f"/proc/{child}/{name}", "w") as out:
            out.write("0 200000 65536")
    os.write(mapped_write, b"x")
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


main()
