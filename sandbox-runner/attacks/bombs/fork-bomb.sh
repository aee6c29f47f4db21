#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: the classic fork bomb
# expect: contained
# control: ResourceLimits
# off: rlimits
# without: Cgroup
# limits: processes=32 wallTimeMilliseconds=4000 memory=256Mi
# bomb: yes
bomb() { bomb | bomb & }
bomb 2>/dev/null
sleep 1
echo "CONTAINED"
