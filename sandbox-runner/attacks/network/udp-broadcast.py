# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: ask everybody
# expect: SecurityViolation
# control: Seccomp
# off: seccomp
# without: NetworkNamespace ENETUNREACH
# syscall: socket
import errno, socket
try:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    s.sendto(b"x", ("255.255.255.255", 67))
except OSError as refused:
    print("CONTAINED", errno.errorcode.get(refused.errno, refused))
else:
    print("ESCAPED")
    raise SystemExit(66)
