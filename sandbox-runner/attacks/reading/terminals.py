# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: open terminals
# expect: contained
# control: MountNamespace
# off: mountns
# without: Landlock EACCES > Escape
import errno, os
PATHS = ['/dev/tty', '/dev/console', '/dev/tty0', '/dev/ptmx', '/dev/pts']
reason = "nothing there"
for path in PATHS:
    try:
        found = os.listdir(path)[:5] if os.path.isdir(path) else os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as refused:
        reason = errno.errorcode[refused.errno]
    else:
        if found != []:
            print("ESCAPED", path, found)
            raise SystemExit(66)
print("CONTAINED", reason)
