# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: resolve a name
# expect: SecurityViolation
# control: Seccomp
# off: seccomp
# without: NetworkNamespace [Errno
import socket
try:
    print("ESCAPED", socket.getaddrinfo("kubernetes.default.svc", 443))
except OSError as refused:
    print("CONTAINED", refused)
else:
    raise SystemExit(66)
