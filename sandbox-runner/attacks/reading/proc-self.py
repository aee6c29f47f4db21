# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: learn about the sandbox through /proc/self
# expect: contained
# control: ProcHidden
# off: mountns
# without: Escape
# pod: Escape
import errno, os
PATHS = ['/proc/self/status', '/proc/self/mountinfo', '/proc/self/cgroup', '/proc/self/exe']
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
