# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: have a file of the runner collected in the place of a result
# expect: contained
# control: MountNamespace
# off: none
# without: none
import os
os.symlink("/etc/passwd", "result.txt")
os.symlink("/gabion/plan/plan.json", "result.json")
os.symlink("/proc/self/environ", "result.log")
print("CONTAINED links are not followed when results are collected")
