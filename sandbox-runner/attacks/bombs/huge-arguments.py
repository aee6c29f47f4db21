# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: start a program with 16 MB of arguments
# expect: contained
# control: ResourceLimits
# off: rlimits
# without: Kernel E2BIG
# errno: E2BIG
import errno, os
if os.fork() == 0:
    try:
        os.execv("/usr/bin/true", ["true"] + ["x" * 100000] * 160)
    except OSError as refused:
        print("CONTAINED", errno.errorcode[refused.errno], flush=True)
        os._exit(1)
if os.wait()[1] == 0:
    print("ESCAPED")
    raise SystemExit(66)
