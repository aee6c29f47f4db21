# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: read back what the runner has not read yet, and write into its own input
# expect: contained
# control: PidNamespace
# off: none
# without: none
# errno: EBADF
import errno, os
reasons = []
for how in (lambda: os.read(1, 10), lambda: os.read(2, 10), lambda: os.write(0, b"x")):
    try:
        how()
    except OSError as refused:
        reasons.append(errno.errorcode[refused.errno])
    else:
        print("ESCAPED")
        raise SystemExit(66)
print("CONTAINED", *reasons)
