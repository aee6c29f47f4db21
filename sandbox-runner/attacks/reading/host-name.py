# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: learn the machine's name
# expect: contained
# control: UtsNamespace
# off: utsns
# without: Escape
# pod: Escape
import os
name = os.uname().nodename
if name not in ("sandbox", "gabion"):
    print("ESCAPED", name)
    raise SystemExit(66)
print("CONTAINED", name)
