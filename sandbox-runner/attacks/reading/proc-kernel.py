# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: read the kernel through /proc
# expect: contained
# control: ProcHidden
# off: mountns
# without: Landlock EACCES > Escape
import errno, os
PATHS = ['/proc/kallsyms', '/proc/keys', '/proc/iomem', '/proc/modules', '/proc/sched_debug', '/proc/interrupts', '/proc/mounts', '/proc/net/tcp']
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
