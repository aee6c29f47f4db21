#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: end as if the runner had ended it
# expect: Signalled
# control: PidNamespace
# off: none
# without: none
kill -KILL $$
