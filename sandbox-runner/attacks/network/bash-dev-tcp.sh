#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: connect with nothing but the shell
# expect: SecurityViolation
# control: Seccomp
# off: seccomp
# without: Landlock|NetworkNamespace
# syscall: socket
if ( exec 3<> /dev/tcp/127.0.0.1/22 ) 2>/dev/null; then
    echo "ESCAPED connected"
    exit 66
fi
echo "CONTAINED"
