# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: make 100 processes where 32 are allowed
# expect: contained
# control: ResourceLimits
# off: rlimits
# without: Escape
# errno: EAGAIN
# limits: processes=32
# bomb: yes
import errno, os, signal, time
children = []
try:
    for _ in range(100):
        child = os.fork()
        if child == 0:
            time.sleep(60)
            os._exit(0)
        children.append(child)
except OSError as refused:
    print("CONTAINED", errno.errorcode[refused.errno], len(children))
else:
    print("ESCAPED", len(children))
for each in children:
    os.kill(each, signal.SIGKILL)
raise SystemExit(66 if len(children) == 100 else 0)
