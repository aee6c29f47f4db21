# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: write to the error output without end
# expect: OutputExceeded
# control: ResourceLimits
# off: none
# without: none
# limits: outputBytes=100000 wallTimeMilliseconds=20000
import os
while True:
    os.write(2, b"x" * 65536)
