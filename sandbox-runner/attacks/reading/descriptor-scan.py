# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: write into every descriptor number, to forge what the launcher says
# expect: contained
# control: PidNamespace
# off: close-fds
# without: Escape
import errno, os
open_ones = []
for fd in range(3, 1024):
    try:
        os.fstat(fd)
        open_ones.append(fd)
    except OSError:
        pass
# The interpreter has its program open while it reads it, no more.
forged = []
for fd in open_ones:
    try:
        os.write(fd, b"\x06\x02\0\0\0\0\0\0")
        forged.append(fd)
    except OSError:
        pass
if forged:
    print("ESCAPED wrote to", forged)
    raise SystemExit(66)
print("CONTAINED EBADF")
