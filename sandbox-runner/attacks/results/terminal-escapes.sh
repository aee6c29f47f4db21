#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: write bytes that a terminal obeys
# expect: contained
# control: MountNamespace
# off: none
# without: none
printf '\033]0;owned\007\033[2J\033[31m\033c\x9b31m\0\xff\xfe\r\n'
echo "CONTAINED the output must be shown without effect"
