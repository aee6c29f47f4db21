#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: write into the root, /usr, /etc and /dev
# expect: contained
# control: ReadOnlyRoot
# off: readonly
# without: Landlock > Escape
for place in / /usr /usr/bin /usr/lib /etc /dev /opt /bin; do
    if [ -d "$place" ] && ( : > "$place/gabion-was-here" ) 2>/dev/null; then
        echo "ESCAPED wrote into $place"
        exit 66
    fi
done
echo "CONTAINED EROFS"
