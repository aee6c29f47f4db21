# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: read the cloud's credentials
# expect: SecurityViolation
# control: Seccomp
# off: seccomp
# without: Landlock EACCES > NetworkNamespace ENETUNREACH
# syscall: socket
import errno, socket
try:
    socket.create_connection(("169.254.169.254", 80), 2)
except OSError as refused:
    print("CONTAINED", errno.errorcode.get(refused.errno, refused))
else:
    print("ESCAPED")
    raise SystemExit(66)
