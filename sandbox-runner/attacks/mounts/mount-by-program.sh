#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: mount with the system's own program
# expect: SecurityViolation
# control: Seccomp
# off: seccomp
# without: NoCapabilities+Landlock > Escape
if mount -t tmpfs none /work 2>/dev/null; then
    echo "ESCAPED mounted"
    exit 66
fi
echo "CONTAINED"
