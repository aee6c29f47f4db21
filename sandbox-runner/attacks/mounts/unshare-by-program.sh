#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: become root in a namespace with the system's own program
# expect: SecurityViolation
# control: Seccomp
# off: seccomp
# without: Escape
# syscall: unshare
if unshare --user true 2>/dev/null; then
    echo "ESCAPED into a namespace of its own"
    exit 66
fi
echo "CONTAINED"
