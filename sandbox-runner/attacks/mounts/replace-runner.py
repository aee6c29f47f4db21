# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: overwrite the runner's own program
# expect: contained
# control: MountNamespace
# off: mountns
# without: Kernel EPERM
import errno, os
reason = "nothing there"
try:
    open("/work/evil", "w").close()
except OSError:
    pass
for path in ("/opt/gabion/bin/gabion-launch", "/opt/gabion/bin/runner", "/opt/gabion/lib", "/proc/1/exe", "/proc/self/exe"):
    for how in (lambda: open(path, "r+b"), lambda: os.unlink(path), lambda: os.rename("/work/evil", path),
                lambda: os.chmod(path, 0o777)):
        try:
            how()
        except OSError as refused:
            reason = errno.errorcode[refused.errno]
        else:
            print("ESCAPED changed", path)
            raise SystemExit(66)
print("CONTAINED", reason)
