# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: read the shared memory of other programs by name
# expect: contained
# control: MountNamespace
# off: mountns
# without: Landlock EACCES > Escape
# lacking: nothing
import errno, os
reason = "nothing there"
try:
    names = [each for each in os.listdir("/dev/shm") if each != ".keep"]
    if names:
        print("ESCAPED sees", names[:5])
        raise SystemExit(66)
except OSError as refused:
    reason = errno.errorcode[refused.errno]
print("CONTAINED", reason)
