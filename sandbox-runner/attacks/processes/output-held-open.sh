#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: keep the output open in a child, so that its reader waits for ever
# expect: contained
# control: PidNamespace
# off: pidns
# without: Supervisor
sleep 600 &
disown
echo "CONTAINED the end must come without the child"
