#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: become root in a namespace with the system's own program
# expect: SecurityViolation
# control: Seccomp
# off: seccomp
# without: Escape|Kernel
# syscall: unshare
if unshare --user --map-root-user --mount true 2>/dev/null; then
    echo "ESCAPED root of a namespace"
    exit 66
fi
echo "CONTAINED"
