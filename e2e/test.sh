#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
#
# Runs every test of the project: `make test`. Usage: e2e/test.sh [STEP...]   (without a step: all of them, in order)
#
# Each step writes its whole output to out/test/STEP.log; the screen gets the lines that matter while it runs, and the
# useful end of the log when it fails. A failed step does not stop the others unless they stand on it. The exit code is
# 0 only if every step passed. Steps are given a file as their standard output, never this script's own: a daemon that
# a step leaves behind (the container engine) cannot keep a caller waiting.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
export GABION_HOME=${GABION_HOME:-$HOME/.cache/gabion}
export KUBECONFIG=$GABION_HOME/kubeconfig
OUT=${GABION_TEST_OUT:-$ROOT/out/test}
WANTED=("$@")
START=$(date +%s)
STATE=$("$ROOT/e2e/budget.sh" state)
ORDER=()                                # step ids in the order in which they ended
declare -A RESULT SECONDS_OF TITLE_OF REASON BACKGROUND_PID BACKGROUND_START

rm -rf "$OUT"
mkdir -p "$OUT"
exec </dev/null

elapsed() { local s=$(($(date +%s) - START)); printf '%02d:%02d' $((s / 60)) $((s % 60)); }
say() { printf '[%s] %s\n' "$(elapsed)" "$*"; }
wanted() {
  ((${#WANTED[@]} == 0)) && return 0
  local w; for w in "${WANTED[@]}"; do [[ $w == "$1" ]] && return 0; done
  return 1
}
passed() { local id; for id in "$@"; do [[ ${RESULT[$id]:-} == passed ]] || return 1; done; }

# Lines worth seeing while a step runs; the rest is in its log.
INTERESTING='Tests run:.*(Time elapsed|Failures: [1-9]|Errors: [1-9])|BUILD (SUCCESS|FAILURE)|^\[ERROR\]|Reactor Summary|SUCCESS \[|FAILURE \[|^\[[ 0-9:.]+[sm]?\]|^(==|--)|[0-9]+ passed|FAIL|not ok|[Ee]rror:'

end_step() { # ID RC SECONDS
  local id=$1 rc=$2
  SECONDS_OF[$id]=$3
  ORDER+=("$id")
  if ((rc == 0)); then
    RESULT[$id]=passed
    say "passed: ${TITLE_OF[$id]} (${3} s)"
    return 0
  fi
  RESULT[$id]=failed
  case $rc in
    124 | 137) REASON[$id]="timed out" ;;
    *) REASON[$id]="exit code $rc" ;;
  esac
  say "FAILED: ${TITLE_OF[$id]} (${REASON[$id]}, ${3} s); the end of $OUT/$id.log:"
  "$ROOT/e2e/summary.sh" failure "$OUT/$id.log" || true
}

skip() { # ID TITLE REASON
  wanted "$1" || return 0
  TITLE_OF[$1]=$2 REASON[$1]=$3 RESULT[$1]=skipped SECONDS_OF[$1]=0
  ORDER+=("$1")
  say "SKIPPED: $2: $3"
}

# Follows a log until its process ends; says every two minutes that a silent step is alive.
follow() { # PID LOG
  local pid=$1 log=$2 last=$SECONDS
  tail -n +1 -s 1 -f --pid="$pid" "$log" 2>/dev/null | { grep --line-buffered -aE "$INTERESTING" || true; } | stdbuf -oL cut -c1-300 &
  local tailer=$!
  while kill -0 "$pid" 2>/dev/null; do
    sleep 1
    if ((SECONDS - last >= 120)); then
      last=$SECONDS
      say "... still running: $(tail -n 1 "$log" 2>/dev/null | tr -d '\r' | cut -c1-160)"
    fi
  done
  wait "$tailer" 2>/dev/null || true
}

launch() { # ID TIMEOUT COMMAND...: starts the command, its output in the step's log; the pid in LAUNCHED
  local id=$1 limit=$2
  shift 2
  timeout --kill-after=30 "$limit" "$@" >"$OUT/$id.log" 2>&1 </dev/null &
  LAUNCHED=$!
}

step() { # ID TITLE TIMEOUT COMMAND...
  local id=$1 limit=$3 rc=0 began
  wanted "$id" || return 0
  TITLE_OF[$id]=$2
  shift 3
  say "== ${TITLE_OF[$id]}"
  began=$(date +%s)
  launch "$id" "$limit" "$@"
  follow "$LAUNCHED" "$OUT/$id.log"
  wait "$LAUNCHED" || rc=$?
  end_step "$id" "$rc" $(($(date +%s) - began))
}

background() { # ID TITLE TIMEOUT COMMAND...: started now, ended by await
  local id=$1 limit=$3
  wanted "$id" || return 0
  TITLE_OF[$id]=$2
  shift 3
  say "== ${TITLE_OF[$id]}, in the background"
  BACKGROUND_START[$id]=$(date +%s)
  launch "$id" "$limit" "$@"
  BACKGROUND_PID[$id]=$LAUNCHED
}

await() { # ID
  local id=$1 rc=0
  [[ -n ${BACKGROUND_PID[$id]:-} ]] || return 0
  if kill -0 "${BACKGROUND_PID[$id]}" 2>/dev/null; then
    say "== waiting for: ${TITLE_OF[$id]}"
    follow "${BACKGROUND_PID[$id]}" "$OUT/$id.log"
  fi
  wait "${BACKGROUND_PID[$id]}" || rc=$?
  unset "BACKGROUND_PID[$id]"
  end_step "$id" "$rc" $(($(date +%s) - BACKGROUND_START[$id]))
}

# One transient failure of the artifact registry must not fail a run of an hour: once more, from the local cache.
maven() { # ID TITLE TIMEOUT ARGUMENT...
  local id=$1 title=$2 limit=$3
  shift 3
  wanted "$id" || return 0
  step "$id" "$title" "$limit" bash -c '
    mvn "$@" && exit 0
    rc=$?
    grep -qE "Could not (transfer|resolve|find)|Connection (reset|timed out)|Read timed out" "$0" || exit $rc
    echo "== the registry failed: once more"
    exec mvn "$@"' "$OUT/$id.log" -B -ntp "$@"
}

finish() {
  local rc=$? id
  trap - EXIT
  for id in "${!BACKGROUND_PID[@]}"; do kill "${BACKGROUND_PID[$id]}" 2>/dev/null || true; done
  "$ROOT/e2e/summary.sh" cluster "$OUT" || true
  printf '\n%-9s %8s  %s\n' result seconds step
  local bad=0
  for id in "${ORDER[@]}"; do
    printf '%-9s %8s  %s%s\n' "${RESULT[$id]}" "${SECONDS_OF[$id]}" "${TITLE_OF[$id]}" "${REASON[$id]:+: ${REASON[$id]}}"
    [[ ${RESULT[$id]} == passed ]] || bad=1
  done
  "$ROOT/e2e/summary.sh" failures "$ROOT" "$OUT" || true
  say "the whole took $(elapsed) minutes; logs in $OUT"
  ((${#WANTED[@]})) || say "budget: $("$ROOT/e2e/budget.sh" tell test "$STATE" $(($(date +%s) - START)))"
  "$ROOT/e2e/summary.sh" counts "$ROOT" "$OUT" || bad=1
  ((rc == 0 && bad == 0)) || exit 1
}
trap finish EXIT

# Only the reports of this run count.
find "$ROOT" -path '*/target/*-reports' -prune -type d -exec rm -rf {} +

step deps "install what the tests need" 900 "$ROOT/e2e/install-deps.sh" build runner images cluster
JAVA_HOME=$("$ROOT/e2e/find-jdk.sh")
export JAVA_HOME PATH=$JAVA_HOME/bin:$GABION_HOME/bin:$PATH
export GABION_TOOLS=$GABION_HOME/bin
export MAVEN_OPTS="${MAVEN_OPTS:-} -Dmaven.wagon.http.retryHandler.count=3 -Dmaven.wagon.http.retryHandler.requestSentEnabled=true -Daether.connector.http.retryHandler.count=3"

# The node image and the cluster tools are compiled from source where no image can be pulled: minutes of both cores.
# They yield to Maven (nice) and are waited for by the first step that needs them.
background tools "cluster tools (kube-apiserver, etcd, kubectl, helm, kind)" 2400 nice -n 10 make cluster-tools
step launcher "launcher: build, unit tests, fuzz seeds" 600 make launcher launcher-test
maven compile "compile every module" 1500 test-compile
await tools
# In CI on a new cluster: what an earlier run left behind must not decide this one.
background cluster "kind cluster: one control plane, two workers" 2700 make "$([[ ${CI:-} == true ]] && echo cluster-renew || echo cluster-up)"
maven verify "unit, process and API server tests of every module" 2400 verify --fail-at-end
step attacks "attack corpus against the launcher, each attack also without the control that stops it" 900 make launcher-attacks
step chart "chart: golden files, schema, copies" 300 make chart-test
await cluster
step images "images of the product, loaded into the cluster" 1500 make images-load
step gvisor "gVisor on one worker" 900 make cluster-gvisor
step harness "cluster harness and image builder: their own tests" 1200 make harness-test
if [[ ${#WANTED[@]} -gt 0 ]] || passed cluster images; then
  step e2e "end to end on the cluster" 1800 make test-e2e
else
  skip e2e "end to end on the cluster" "the cluster or the images are not there"
fi
