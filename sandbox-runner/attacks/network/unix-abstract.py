# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: talk to other programs by an abstract name
# expect: contained
# control: Seccomp
# off: seccomp
# without: NetworkNamespace+Landlock > Escape
# errno: EACCES
import errno, socket
try:
    socket.socket(socket.AF_UNIX).connect("\0/tmp/.X11-unix/X0")
except OSError as refused:
    print("CONTAINED", errno.errorcode.get(refused.errno, refused))
else:
    print("ESCAPED")
    raise SystemExit(66)
