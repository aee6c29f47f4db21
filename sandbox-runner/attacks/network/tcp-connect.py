# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: connect to the machine's own SSH server
# expect: SecurityViolation
# control: Seccomp
# off: seccomp
# without: Landlock EACCES > NetworkNamespace ENETUNREACH
# syscall: socket
import errno, socket
try:
    socket.create_connection(("127.0.0.1", 22), 2)
except OSError as refused:
    print("CONTAINED", errno.errorcode.get(refused.errno, refused))
else:
    print("ESCAPED")
    raise SystemExit(66)
