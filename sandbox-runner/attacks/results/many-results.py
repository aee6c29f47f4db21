# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: have the collector walk for ever
# expect: contained
# control: ResourceLimits
# off: none
# without: Kernel
import os
os.chdir("/work")
for i in range(40):
    os.makedirs("/".join(["d"] * (i + 1)), exist_ok=True)
for i in range(500):
    open(f"/work/{i}.txt", "w").close()
os.symlink("/work", "/work/d/again")
print("CONTAINED the walk has an end")
