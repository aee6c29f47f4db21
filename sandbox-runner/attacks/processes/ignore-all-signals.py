# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: ignore every signal and go on
# expect: WallTimeExceeded
# control: ResourceLimits
# off: none
# without: none
# limits: wallTimeMilliseconds=1500
import signal, time
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    time.sleep(0.1)
