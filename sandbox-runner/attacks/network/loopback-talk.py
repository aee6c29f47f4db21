# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: use the loopback interface of the namespace
# expect: SecurityViolation
# control: Seccomp
# off: seccomp
# without: NoNetworkInterface ENETUNREACH > Escape
# syscall: socket
import errno, socket
try:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    s.sendto(b"x", s.getsockname())
except OSError as refused:
    print("CONTAINED", errno.errorcode.get(refused.errno, refused))
else:
    print("ESCAPED")
    raise SystemExit(66)
