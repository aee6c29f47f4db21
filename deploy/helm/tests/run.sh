#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
#
# Tests of the chart that need no cluster. `run.sh` checks, `run.sh --write` writes the expected files anew.
#   golden/CASE/values.yaml  rendered by helm must equal golden/CASE/expected.yaml
#   refused/CASE.yaml        must be refused with the message in its first line
#   settings.py              the operator's settings and the chart's values are one to one
#   discovered.py            the API server's addresses are found where helm is asked to look them up
#   copies                   crds/ and files/runtimes/ of the chart equal their sources
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../../.." && pwd)
CHART=$HERE/../gabion
HELM=${HELM:-$(PATH=${GABION_HOME:-$HOME/.cache/gabion}/bin:$PATH command -v helm || true)}
MODE=${1:-check}
PASSED=0 FAILED=0

[[ -n $HELM ]] || { echo "error: helm is missing; get it with: make cluster-tools"; exit 1; }

ok() { PASSED=$((PASSED + 1)); }
bad() { FAILED=$((FAILED + 1)); echo "FAIL $1"; shift; printf '%s\n' "$@" | head -n 60 | sed 's/^/    /'; }

render() { "$HELM" template gabion "$CHART" --namespace gabion-system --kube-version 1.34.3 --values "$1" 2>&1; }

copies() { # SOURCE_GLOB TARGET_FOLDER
  local target=$CHART/$2 source name
  for source in $1; do
    name=${source##*/}
    if [[ $MODE == --write ]]; then cp "$source" "$target/$name"; fi
    if difference=$(diff -u "$source" "$target/$name" 2>&1); then ok; else bad "$2/$name is not its source; run: make chart-golden" "$difference"; fi
  done
  for source in "$target"/*; do
    name=${source##*/}
    [[ -e ${1%/*}/$name ]] || bad "$2/$name has no source"
  done
}

shopt -s nullglob
crds=("$ROOT"/crds/*.yaml "$ROOT"/crds/*.yml)
((${#crds[@]} >= 2)) && ok || bad "crds/: expected the definitions of SandboxJob and SandboxRuntime, found ${#crds[@]} files"
copies "$ROOT/crds/*.y*ml" crds
copies "$ROOT/crds/src/main/resources/dev/gabion/api/runtimes/*.yaml" files/runtimes

for case in "$HERE"/golden/*/; do
  name=$(basename "$case")
  if ! rendered=$(render "$case/values.yaml"); then bad "golden/$name does not render" "$rendered"; continue; fi
  if [[ $MODE == --write ]]; then printf '%s\n' "$rendered" >"$case/expected.yaml"; fi
  if difference=$(diff -u "$case/expected.yaml" <(printf '%s\n' "$rendered")); then ok; else bad "golden/$name differs; if that is meant: make chart-golden" "$difference"; fi
  # What no configuration may lead to.
  roles=$(awk '/^---/ {keep = 0} /^kind: (Cluster)?Role$/ {keep = 1} keep' <<<"$rendered")
  if grep -nE '["'\'' \[]\*["'\'' ,\]]?' <<<"$roles"; then bad "golden/$name: a wildcard in a role"; else ok; fi
  if grep -nE 'privileged: true|hostNetwork: true|hostPID: true|hostIPC: true' <<<"$rendered"; then bad "golden/$name: a host privilege"; else ok; fi
  registry=$(awk '/^image:/ {on = 1; next} /^[^ ]/ {on = 0} on && $1 == "registry:" {print $2}' "$case/values.yaml")
  if elsewhere=$(grep -E '^ *image: ' <<<"$rendered" | grep -v " ${registry:-localhost/gabion}/"); then bad "golden/$name: an image of another registry" "$elsewhere"; else ok; fi
  bound=$(awk 'BEGIN {RS = "---\n"} /\nkind: ClusterRoleBinding\n/ && /name: gabion-operator-secret-sources/' <<<"$rendered")
  if [[ -n $bound ]]; then bad "golden/$name: secrets readable cluster-wide" "$bound"; else ok; fi
done

for case in "$HERE"/refused/*.yaml; do
  name=$(basename "$case")
  wanted=$(sed -n '1s/^# message: //p' "$case")
  if rendered=$(render "$case"); then bad "refused/$name was accepted"; continue; fi
  if [[ -n $wanted && $rendered == *"$wanted"* ]]; then ok; else bad "refused/$name: the message is not: $wanted" "$rendered"; fi
done

if [[ $MODE == --write ]]; then "$HERE/values-table.py" "$CHART" --write; fi
if said=$("$HERE/values-table.py" "$CHART"); then ok; else bad "values" "$said"; fi
if said=$("$HERE/settings.py" "$ROOT"); then ok; else bad "settings of the operator and values of the chart" "$said"; fi
if said=$("$HERE/discovered.py" "$HELM" "$CHART"); then ok; else bad "discovered API server" "$said"; fi
# helm's --reuse-values brings an older chart's values to a newer one: each value added since is then missing.
if said=$(grep -rn -- ' --reuse-values' "$ROOT/docs" "$ROOT/README.md" "$CHART/README.md" "$CHART/templates/NOTES.txt"); then bad "a page tells to upgrade with --reuse-values, which loses new values; --reset-then-reuse-values keeps them" "$said"; else ok; fi
if said=$("$HELM" lint --quiet --strict "$CHART" 2>&1); then ok; else bad "helm lint" "$said"; fi

echo "$PASSED passed, $FAILED failed, 0 skipped"
((FAILED == 0))
