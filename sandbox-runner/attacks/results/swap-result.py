# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: change a result into a link while it is collected
# expect: contained
# control: PidNamespace
# off: none
# without: none
import os, time
if os.fork() == 0:
    os.setsid()
    while True:
        try:
            open("result.txt", "w").close()
            os.unlink("result.txt")
            os.symlink("/etc/passwd", "result.txt")
            os.unlink("result.txt")
        except OSError:
            pass
time.sleep(0.2)
print("CONTAINED nothing runs any more when results are collected")
