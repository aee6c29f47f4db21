# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: make files without end
# expect: contained
# control: ResourceLimits
# off: tmpfs-limits
# without: Escape
# errno: ENOSPC
# limits: scratchSize=16Mi wallTimeMilliseconds=30000
# bomb: yes
import errno
try:
    for i in range(10000):
        open(f"/work/{i}", "wb").close()
except OSError as refused:
    print("CONTAINED", errno.errorcode[refused.errno], i)
else:
    print("ESCAPED 10000 files")
    raise SystemExit(66)
