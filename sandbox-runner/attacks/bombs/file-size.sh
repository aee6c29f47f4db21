#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: write a file larger than allowed
# expect: FileSizeExceeded
# alone: NonZeroExit
# control: ResourceLimits
# off: rlimits
# without: Escape
# limits: fileSize=1Mi scratchSize=16Mi
head -c 4000000 /dev/zero > large
code=$?
size=$(stat -c %s large)
if [ "$size" -ge 4000000 ]; then
    echo "ESCAPED $size"
    exit 66
fi
echo "CONTAINED $code $size"
exit "$code"
