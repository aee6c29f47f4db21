# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: talk to the container engine
# expect: contained
# control: Seccomp
# off: seccomp
# without: MountNamespace ENOENT > Kernel EACCES
# lacking: ENOENT
# errno: EACCES
import errno, socket
try:
    socket.socket(socket.AF_UNIX).connect("/var/run/docker.sock")
except OSError as refused:
    print("CONTAINED", errno.errorcode.get(refused.errno, refused))
else:
    print("ESCAPED")
    raise SystemExit(66)
