#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: connect with nothing but the shell
# expect: SecurityViolation
# control: Seccomp
# off: seccomp
# without: Landlock Permission > NetworkNamespace Network
# syscall: socket
if said=$( (exec 3<> /dev/tcp/127.0.0.1/22) 2>&1 ); then
    echo "ESCAPED connected"
    exit 66
fi
said=${said%%$'\n'*}
echo "CONTAINED ${said##*: }"
