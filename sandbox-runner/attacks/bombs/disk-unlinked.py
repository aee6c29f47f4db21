# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: fill the disk with a file that has no name
# expect: contained
# control: ResourceLimits
# off: tmpfs-limits
# without: Escape
# pod: FileSizeExceeded
# errno: ENOSPC
# limits: scratchSize=16Mi fileSize=1Gi memory=128Mi
# bomb: yes
import errno, os
out = open("hidden", "wb")
os.unlink("hidden")
try:
    for _ in range(400):
        out.write(bytes(1 << 20))
        out.flush()
except OSError as refused:
    print("CONTAINED", errno.errorcode[refused.errno])
    os._exit(0)
print("ESCAPED 400 MB")
raise SystemExit(66)
