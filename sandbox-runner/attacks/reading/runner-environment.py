# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: find the runner's environment
# expect: contained
# control: MountNamespace
# off: none
# without: none
import os
for name in os.environ:
    if name.startswith(("KUBERNETES_", "GABION_", "JAVA_", "JDK_", "POD_")):
        print("ESCAPED", name)
        raise SystemExit(66)
print("CONTAINED", len(os.environ), "variables")
