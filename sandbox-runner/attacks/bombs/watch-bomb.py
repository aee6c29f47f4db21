# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: take kernel memory by watches and timers
# expect: contained
# control: Seccomp
# off: seccomp
# without: Kernel EMFILE
# limits: openFiles=64
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
made = 0
while made < 100000:
    fd = libc.inotify_init1(0)
    if fd < 0:
        print("CONTAINED", errno.errorcode[ctypes.get_errno()], made)
        raise SystemExit
    made += 1
print("ESCAPED", made)
raise SystemExit(66)
