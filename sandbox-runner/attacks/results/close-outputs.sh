#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: close all outputs and go on
# expect: contained
# control: PidNamespace
# off: none
# without: none
echo "CONTAINED closed outputs are no end"
exec >&- 2>&- <&-
sleep 0.3
exit 0
