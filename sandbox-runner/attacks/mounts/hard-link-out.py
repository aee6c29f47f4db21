# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: bring a file of the image into the work directory by a hard link
# expect: contained
# control: MountNamespace
# off: mountns
# without: Kernel EPERM
import errno, os
try:
    os.link("/usr/bin/python3", "/work/python")
except OSError as refused:
    print("CONTAINED", errno.errorcode[refused.errno])
else:
    print("ESCAPED linked")
    raise SystemExit(66)
