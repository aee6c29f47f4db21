#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: have a library of its own loaded into other programs
# expect: contained
# control: ReadOnlyRoot
# off: readonly
# without: Landlock > Escape
export LD_PRELOAD=/work/evil.so LD_LIBRARY_PATH=/work
if ( echo /work/evil.so > /etc/ld.so.preload ) 2>/dev/null; then
    echo "ESCAPED wrote /etc/ld.so.preload"
    exit 66
fi
echo "CONTAINED"
