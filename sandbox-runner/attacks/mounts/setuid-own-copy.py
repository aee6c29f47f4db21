# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: make a copy of a program setuid and run it
# expect: contained
# control: NoNewPrivileges
# off: nnp
# without: UidMap|ReadOnlyRoot|Kernel
import os, shutil, subprocess
shutil.copy("/usr/bin/id", "/work/id")
os.chmod("/work/id", 0o6755)
print(subprocess.run(["/work/id", "-u"], capture_output=True, text=True).stdout.strip())
if os.geteuid() == 0 or subprocess.run(["/work/id", "-u"], capture_output=True, text=True).stdout.strip() == "0":
    print("ESCAPED root")
    raise SystemExit(66)
print("CONTAINED same user")
