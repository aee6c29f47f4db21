# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: have the collector wait at a pipe
# expect: contained
# control: MountNamespace
# off: none
# without: none
import os
os.mkfifo("result.txt")
os.mkfifo("result.json")
print("CONTAINED pipes are not opened when results are collected")
