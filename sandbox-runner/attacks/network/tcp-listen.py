# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: listen for callers
# expect: SecurityViolation
# control: Seccomp
# off: seccomp
# without: Landlock EACCES > Escape
# syscall: socket
import errno, socket
try:
    socket.create_server(("0.0.0.0", 8080))
except OSError as refused:
    print("CONTAINED", errno.errorcode.get(refused.errno, refused))
else:
    print("ESCAPED")
    raise SystemExit(66)
