# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: make a file of a terabyte that takes no room
# expect: contained
# control: ResourceLimits
# off: rlimits
# without: Escape
# errno: EFBIG
# limits: fileSize=16Mi
import errno
try:
    with open("/work/sparse", "wb") as out:
        out.truncate(1 << 40)
except OSError as refused:
    print("CONTAINED", errno.errorcode[refused.errno])
else:
    print("ESCAPED 1 TB")
    raise SystemExit(66)
