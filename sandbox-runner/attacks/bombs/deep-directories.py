# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: make directories ever deeper
# expect: contained
# control: ResourceLimits
# off: tmpfs-limits
# without: Escape
# errno: ENOSPC
# limits: scratchSize=16Mi wallTimeMilliseconds=30000
# bomb: yes
import errno, os
os.chdir("/work")
try:
    for i in range(10000):
        os.mkdir("d")
        os.chdir("d")
except OSError as refused:
    print("CONTAINED", errno.errorcode[refused.errno], i)
else:
    print("ESCAPED 10000 levels")
    raise SystemExit(66)
