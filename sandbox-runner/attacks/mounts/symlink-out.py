# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: read files of the host through a symbolic link
# expect: contained
# control: MountNamespace
# off: none
# without: none
import errno, os
os.symlink("/../../../../../../etc/shadow", "link")
os.symlink("/proc/1/root/etc/shadow", "link2")
for link in ("link", "link2"):
    try:
        open(link).read()
    except OSError as refused:
        reason = errno.errorcode[refused.errno]
    else:
        print("ESCAPED read", link)
        raise SystemExit(66)
print("CONTAINED", reason)
