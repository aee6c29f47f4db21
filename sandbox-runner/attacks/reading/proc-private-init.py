# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: with a /proc of its own: read environment, memory and descriptors of the init
# expect: contained
# control: PidNamespace
# off: pidns
# without: Kernel ENOENT
# needs: proc
import errno, os
reason = "no /proc"
for path in ("/proc/1/environ", "/proc/1/mem", "/proc/1/fd", "/proc/1/root", "/proc/1/exe", "/proc/1/maps"):
    try:
        if path.endswith(("root", "exe")):
            found = os.readlink(path)
        elif path.endswith("fd"):
            found = os.listdir(path)
        else:
            found = open(path, "rb").read(64)
        if found:
            print("ESCAPED", path, found)
            raise SystemExit(66)
    except OSError as refused:
        reason = errno.errorcode[refused.errno]
print("CONTAINED", reason)
