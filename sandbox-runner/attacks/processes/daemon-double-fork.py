# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: stay behind as a daemon
# expect: contained
# control: PidNamespace
# off: pidns
# without: Supervisor
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for fd in range(3):
            os.close(fd)
        while True:
            time.sleep(1)
    os._exit(0)
os.wait()
print("CONTAINED the verdict must not wait for the daemon, nor leave it alive")
