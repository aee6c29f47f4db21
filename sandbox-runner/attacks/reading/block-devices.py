# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: read the disks
# expect: contained
# control: MountNamespace
# off: mountns
# without: Kernel EACCES
import errno, os
PATHS = ['/dev/sda', '/dev/vda', '/dev/nvme0n1', '/dev/xvda', '/dev/dm-0', '/dev/loop0']
reason = "nothing there"
for path in PATHS:
    try:
        found = [each for each in os.listdir(path) if each != ".keep"][:5] if os.path.isdir(path) else open(path, "rb").read(64)
    except OSError as refused:
        reason = errno.errorcode[refused.errno]
    else:
        if found:
            print("ESCAPED", path, found)
            raise SystemExit(66)
print("CONTAINED", reason)
