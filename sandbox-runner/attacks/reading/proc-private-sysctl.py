# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: with a /proc of its own: change the kernel's settings
# expect: contained
# control: ReadOnlyRoot
# off: readonly
# without: Landlock EACCES > Kernel
# needs: proc
import errno
for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sysrq-trigger", "/proc/self/oom_score_adj",
             "/proc/sys/vm/overcommit_memory", "/proc/sys/kernel/hostname", "/proc/sys/net/ipv4/ip_forward"):
    try:
        with open(path, "w") as out:
            out.write("|/work/x")
    except OSError as refused:
        reason = errno.errorcode[refused.errno]
    else:
        print("ESCAPED wrote", path)
        raise SystemExit(66)
print("CONTAINED", reason)
