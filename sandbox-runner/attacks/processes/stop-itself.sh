#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: stop itself, so that it never ends
# expect: WallTimeExceeded
# control: ResourceLimits
# off: none
# without: none
# limits: wallTimeMilliseconds=1500
kill -STOP $$
echo "CONTAINED went on"
