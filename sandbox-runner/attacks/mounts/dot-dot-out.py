# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: climb out of the root by .. and a descriptor of a removed directory
# expect: contained
# control: MountNamespace
# off: none
# without: Kernel
import os
os.makedirs("/work/a/b", exist_ok=True)
here = os.open("/work/a/b", os.O_RDONLY)
os.rename("/work/a/b", "/work/b")
os.fchdir(here)
for _ in range(200):
    os.chdir("..")
names = set(os.listdir("."))
if names & {"root", "boot", "home", "sys"}:
    print("ESCAPED to", sorted(names))
    raise SystemExit(66)
print("CONTAINED", *sorted(names))
