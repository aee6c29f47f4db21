# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: climb out of the root by .. and a descriptor of a removed directory
# expect: contained
# control: MountNamespace
# off: none
# without: none
import errno, os
os.makedirs("a/b", exist_ok=True)
here = os.open("a/b", os.O_RDONLY)
os.rename("a/b", "b")
os.fchdir(here)
try:
    for _ in range(200):
        os.chdir("..")
    names = set(os.listdir("."))
except OSError as refused:
    names = {errno.errorcode[refused.errno]}
if names & {"root", "boot", "home", "sys"}:
    print("ESCAPED to", sorted(names))
    raise SystemExit(66)
print("CONTAINED", *sorted(names))
