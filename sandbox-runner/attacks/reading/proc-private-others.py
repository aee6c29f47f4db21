# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: with a /proc of its own: list processes that are not the guest's
# expect: contained
# control: PidNamespace
# off: pidns
# without: Kernel 0
# needs: proc
import os
pids = [each for each in os.listdir("/proc") if each.isdigit()] if os.path.isdir("/proc") else []
if len(pids) > 3:
    print("ESCAPED sees", len(pids), "processes")
    raise SystemExit(66)
print("CONTAINED", len(pids), "processes")
