# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: fill pipes, whose memory is the kernel's
# expect: contained
# control: ResourceLimits
# off: rlimits
# without: Escape
# errno: EMFILE
# limits: openFiles=256
import errno, os
held = 0
try:
    for _ in range(600):
        _, end = os.pipe()
        os.set_blocking(end, False)
        held += os.write(end, b"x" * 65536)
except OSError as refused:
    print("CONTAINED", errno.errorcode[refused.errno], held)
else:
    print("ESCAPED", held)
    raise SystemExit(66)
