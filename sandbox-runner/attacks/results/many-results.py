# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: have the collector walk for ever
# expect: contained
# control: ResourceLimits
# off: none
# without: none
import os
for i in range(40):
    os.makedirs("/".join(["d"] * (i + 1)), exist_ok=True)
for i in range(500):
    open(f"{i}.txt", "w").close()
os.symlink(os.getcwd(), "d/again")
print("CONTAINED the walk has an end")
