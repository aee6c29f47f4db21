#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
#
# Builds the programs that go into the images, unless they are there and newer than their sources.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"

fresh() { # FILE SOURCE...: FILE exists and no source is newer
  local file=$1
  shift
  [ -e "$file" ] && [ -z "$(find "$@" -type f -newer "$file" -print -quit)" ]
}

runner=$(find sandbox-runner/target -maxdepth 1 -name 'gabion-sandbox-runner-*.jar' ! -name '*-tests.jar' 2> /dev/null | head -1) || true
operator=operator/controllers/target/quarkus-app/quarkus-run.jar
if ! fresh "${runner:-none}" pom.xml crds/pom.xml crds/src/main sandbox-runner/pom.xml sandbox-runner/src/main ||
  ! fresh "$operator" pom.xml crds/pom.xml crds/src/main operator/pom.xml operator/controllers/pom.xml operator/controllers/src/main; then
  JAVA_HOME=$("$root/e2e/find-jdk.sh")
  export JAVA_HOME
  began=$SECONDS
  echo "  ... building runner and operator with Maven"
  mvn -B -q -ntp -DskipTests -pl sandbox-runner,operator/controllers -am package
  # Maven leaves a jar alone whose content would be the same; its time says that it has been looked at.
  touch "$operator" sandbox-runner/target/gabion-sandbox-runner-*.jar
  echo "  ok  building runner and operator with Maven ($((SECONDS - began)) s)"
fi
make --no-print-directory launcher
