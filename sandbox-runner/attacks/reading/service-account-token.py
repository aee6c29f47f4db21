# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: read a service account token
# expect: contained
# control: NoServiceAccountToken
# off: mountns
# without: Landlock EACCES > Escape
# lacking: ENOENT
import errno, os
PATHS = ['/var/run/secrets/kubernetes.io/serviceaccount/token', '/run/secrets/kubernetes.io/serviceaccount', '/var/run/secrets']
reason = "nothing there"
for path in PATHS:
    try:
        found = [each for each in os.listdir(path) if each != ".keep"][:5] if os.path.isdir(path) else open(path, "rb").read(64)
    except OSError as refused:
        reason = errno.errorcode[refused.errno]
    else:
        if found:
            print("ESCAPED", path, found)
            raise SystemExit(66)
print("CONTAINED", reason)
