# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: read the init through /proc
# expect: contained
# control: ProcHidden
# off: mountns
# without: Kernel EACCES
import errno, os
PATHS = ['/proc/1/environ', '/proc/1/maps', '/proc/1/fd', '/proc/1/root', '/proc/1/cwd']
reason = "nothing there"
for path in PATHS:
    try:
        found = [each for each in os.listdir(path) if each != ".keep"][:5] if os.path.isdir(path) else open(path, "rb").read(64)
    except OSError as refused:
        reason = errno.errorcode[refused.errno]
    else:
        if found:
            print("ESCAPED", path, found)
            raise SystemExit(66)
print("CONTAINED", reason)
