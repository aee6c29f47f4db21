#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: write output without end
# expect: OutputExceeded
# control: ResourceLimits
# off: none
# without: none
# limits: outputBytes=100000 wallTimeMilliseconds=20000
yes "0123456789abcdef"
