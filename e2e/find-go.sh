#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
#
# Prints the folder of a Go 1.26 or newer: PATH, then the usual folders. Debian's and Ubuntu's packages of one version
# (golang-1.26-go) put it into none of PATH's. Says nothing and ends with 1 if there is none.
set -euo pipefail

found=$(command -v go || true)
for go in ${found:+"$found"} /usr/local/go/bin/go /usr/lib/go-*/bin/go; do
  [ -x "$go" ] || continue
  version=$(GOTOOLCHAIN=local "$go" env GOVERSION 2> /dev/null) || continue
  [[ $version =~ ^go([0-9]+)\.([0-9]+) ]] || continue
  if ((BASH_REMATCH[1] > 1 || BASH_REMATCH[2] >= 26)); then
    dirname "$go"
    exit 0
  fi
done
exit 1
