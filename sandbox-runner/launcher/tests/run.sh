#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# The launcher's tests as the user that runs this; when that is root, once more as an unprivileged user.
set -euo pipefail
build=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
python=$(command -v /usr/bin/python3 python3 | head -1)
copy=$(mktemp -d /tmp/gabion-launcher-test.XXXXXX)
trap 'rm -rf "$copy"' EXIT
# In a place that every user can enter.
mkdir -p "$copy/tests" "$copy/src"
cp "$here"/*.py "$copy/tests/"
cp "$here"/../src/protocol.h "$copy/src/"
cp "$build"/gabion-launch "$build"/gabion-launch-test "$build"/launcher-test-helper "$copy/"
chmod -R a+rX "$copy"
export PYTHONDONTWRITEBYTECODE=1
code=0
cd /
"$python" "$copy/tests/run_tests.py" "$copy" "$@" || code=1
if [ "$(id -u)" = 0 ]; then
    setpriv --reuid 65532 --regid 65532 --clear-groups "$python" "$copy/tests/run_tests.py" "$copy" "$@" || code=1
fi
exit "$code"
