# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: take memory without end
# expect: MemoryExceeded
# control: ResourceLimits
# off: none
# without: none
# limits: memory=64Mi wallTimeMilliseconds=20000
# bomb: yes
held = []
while True:
    held.append(bytearray(8 << 20))
