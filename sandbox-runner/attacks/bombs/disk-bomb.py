# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: fill the disk with many files, each below the limit
# expect: contained
# control: ResourceLimits
# off: tmpfs-limits
# without: Escape
# errno: ENOSPC
# limits: scratchSize=16Mi memory=128Mi
# bomb: yes
import errno
try:
    for i in range(400):
        with open(f"/work/{i}", "wb") as out:
            out.write(bytes(1 << 20))
except OSError as refused:
    print("CONTAINED", errno.errorcode[refused.errno], i)
else:
    print("ESCAPED 400 MB")
    raise SystemExit(66)
