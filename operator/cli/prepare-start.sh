#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
#
# Called by the build after the jar is made: prepare-start.sh TARGET JAR
# Writes the class path, the program's own jar first, and records the JVM's cache of loaded and linked classes. The cache
# is only for speed: where it cannot be recorded, the program starts without it.
set -euo pipefail
target=$1 jar=$2
bin=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/bin/gabion

cp "$target/$jar" "$target/lib/"
{
  echo -n "$jar"
  for other in "$target"/lib/*.jar; do
    [[ ${other##*/} == "$jar" ]] || echo -n " ${other##*/}"
  done
  echo
} >"$target/lib/classpath.new"
mv "$target/lib/classpath.new" "$target/lib/classpath"

rm -f "$target"/gabion.aot*
program=$(mktemp -d)
trap 'rm -rf "$program"' EXIT
echo 'print("hello")' >"$program/hello.py"
# One run that loads what most commands load. Its own result does not matter, only what it loaded.
GABION_AOT_RECORD=$target/gabion.aot "$bin" run --output json "$program/hello.py" >"$target/aot-recording.log" 2>&1 || true
if [[ -e $target/gabion.aot ]]; then
  echo "recorded $target/gabion.aot, $(($(stat -c %s "$target/gabion.aot") / 1048576)) MiB"
else
  echo "no start-up cache could be recorded: the program starts slower; see $target/aot-recording.log" >&2
fi
