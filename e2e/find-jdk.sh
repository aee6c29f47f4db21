#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
#
# Prints the home of a JDK 25: JAVA_HOME, then the javac on PATH, then the usual folders. Refuses readably if there is none.
set -euo pipefail

wanted=25

is_wanted() {
  [ -x "$1/bin/javac" ] && [ -f "$1/release" ] && grep -q "^JAVA_VERSION=\"$wanted[.\"]" "$1/release"
}

places=()
[ -z "${JAVA_HOME:-}" ] || places+=("$JAVA_HOME")
if javac=$(command -v javac); then
  places+=("$(dirname "$(dirname "$(readlink -f "$javac")")")")
fi
for place in /usr/lib/jvm/* /opt/java/* /opt/jdk* "${SDKMAN_DIR:-$HOME/.sdkman}"/candidates/java/*; do
  [ ! -d "$place" ] || places+=("$place")
done

for place in "${places[@]}"; do
  if is_wanted "$place"; then
    echo "$place"
    exit 0
  fi
done
{
  echo "error: no JDK $wanted found. Install one (e2e/install-deps.sh build) or set JAVA_HOME to its home."
  echo "Looked in: ${places[*]:-nowhere}"
} >&2
exit 1
