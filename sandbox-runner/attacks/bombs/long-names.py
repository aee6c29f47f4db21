# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: make names as long as can be
# expect: contained
# control: ResourceLimits
# off: tmpfs-limits
# without: Escape
# errno: ENOSPC
# limits: scratchSize=16Mi memory=128Mi wallTimeMilliseconds=30000
# bomb: yes
import errno, os
try:
    for i in range(10000):
        os.symlink("x" * 4000, "/work/" + str(i).zfill(250))
except OSError as refused:
    print("CONTAINED", errno.errorcode[refused.errno], i)
else:
    print("ESCAPED")
    raise SystemExit(66)
