# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: print what the runner prints when a job went well
# expect: NonZeroExit
# control: MountNamespace
# off: none
# without: none
import sys
forged = '\x1e{"kind":"result","verdict":"OK","exitCode":0}\n'
sys.stdout.write(forged * 3)
sys.stderr.write(forged)
sys.stdout.flush()
print("CONTAINED the verdict must be NonZeroExit, by the exit code 3")
raise SystemExit(3)
