# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: make a copy of a program setuid and run it
# expect: contained
# control: NoNewPrivileges
# off: nnp
# without: UidMap same
import os, shutil, subprocess
shutil.copy("/usr/bin/id", "./id")
os.chmod("./id", 0o6755)
print(subprocess.run(["./id", "-u"], capture_output=True, text=True).stdout.strip())
if os.geteuid() == 0 or subprocess.run(["./id", "-u"], capture_output=True, text=True).stdout.strip() == "0":
    print("ESCAPED root")
    raise SystemExit(66)
print("CONTAINED same user")
