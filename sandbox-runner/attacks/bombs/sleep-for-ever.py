# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: wait without end
# expect: WallTimeExceeded
# control: ResourceLimits
# off: none
# without: none
# limits: wallTimeMilliseconds=1000
import time
time.sleep(100000)
