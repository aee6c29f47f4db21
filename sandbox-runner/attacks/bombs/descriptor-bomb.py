# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: open 600 files where 256 are allowed
# expect: contained
# control: ResourceLimits
# off: rlimits
# without: Escape
# errno: EMFILE
# limits: openFiles=256
import errno
held = []
try:
    for _ in range(600):
        held.append(open("/dev/null"))
except OSError as refused:
    print("CONTAINED", errno.errorcode[refused.errno])
else:
    print("ESCAPED", len(held))
    raise SystemExit(66)
