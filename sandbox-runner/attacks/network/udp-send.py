# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: send a datagram
# expect: SecurityViolation
# control: Seccomp
# off: seccomp
# without: NetworkNamespace ENETUNREACH
# syscall: socket
import errno, socket
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53))
except OSError as refused:
    print("CONTAINED", errno.errorcode.get(refused.errno, refused))
else:
    print("ESCAPED")
    raise SystemExit(66)
