# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: put another program in the place of the shell
# expect: contained
# control: ReadOnlyRoot
# off: readonly
# without: Kernel EPERM
import errno, os
for path in ("/bin/sh", "/usr/bin/bash", "/usr/bin/python3"):
    for how in (lambda: open(path, "r+b"), lambda: os.rename(path, path + ".old"), lambda: os.unlink(path),
                lambda: os.chmod(path, 0o777)):
        try:
            how()
        except OSError as refused:
            reason = errno.errorcode[refused.errno]
        else:
            print("ESCAPED changed", path)
            raise SystemExit(66)
print("CONTAINED", reason)
