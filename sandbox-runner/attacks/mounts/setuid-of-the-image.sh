#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# attack: run the setuid programs of the image
# expect: contained
# control: NoNewPrivileges
# off: nnp
# without: UidMap no
for program in /usr/bin/su /usr/bin/passwd /usr/bin/mount /usr/bin/newgrp /usr/bin/chsh /usr/bin/sudo; do
    [ -u "$program" ] || continue
    # A setuid program that took effect may read what only root may.
    if "$program" --version < /dev/null 2>/dev/null | grep -qi "root:"; then
        echo "ESCAPED by $program"
        exit 66
    fi
done
echo "CONTAINED no effect"
