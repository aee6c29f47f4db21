#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
#
# What a reader of a CI log needs to see. Usage:
#   summary.sh failure LOG          the useful end of a failed step's log
#   summary.sh failures ROOT OUT    each failed test with its message
#   summary.sh cluster OUT          after failed end-to-end tests: operator logs, pods, events
#   summary.sh counts ROOT OUT      the closing line: N passed, N failed, N skipped (exit code 1 if nothing ran)
set -euo pipefail

failure() {
  local log=$1
  echo "---- lines that name an error"
  { grep -anE '^\[ERROR\]|FAIL|[Ee]rror:|Exception|not ok|refused|denied' "$log" || true; } | head -n 60 | cut -c1-400
  echo "---- the last 100 lines"
  tail -n 100 "$log" | cut -c1-400
  echo "----"
}

failures() {
  python3 - "$1" <<'PY'
import pathlib, sys, xml.etree.ElementTree as xml
root = pathlib.Path(sys.argv[1])
shown = 0
for report in sorted(root.glob("**/target/*-reports/TEST-*.xml")):
    try:
        suite = xml.parse(report).getroot()
    except xml.ParseError as bad:
        print(f"unreadable report {report}: {bad}")
        continue
    for case in suite.iter("testcase"):
        for kind in ("failure", "error"):
            for problem in case.findall(kind):
                shown += 1
                if shown > 40:
                    continue
                text = (problem.text or problem.get("message") or "").strip().splitlines()
                print(f"\n{kind.upper()} {case.get('classname')}.{case.get('name')} ({case.get('time')} s)")
                print("\n".join("    " + line[:300] for line in text[:25]))
if shown > 40:
    print(f"\n... and {shown - 40} more")
PY
}

cluster() {
  local out=$1
  grep -qsE 'FAIL|ERROR' "$out/e2e.log" || return 0
  command -v kubectl >/dev/null || return 0
  local k="timeout 20 kubectl --request-timeout=10s"
  echo "---- nodes and pods"
  $k get nodes -o wide || true
  $k get pods -A -o wide | tail -n 60 || true
  echo "---- sandbox jobs"
  $k get sandboxjobs -A 2>&1 | tail -n 40 || true
  echo "---- the operator's log"
  $k logs -n gabion-system -l app.kubernetes.io/component=operator --tail=80 --prefix 2>&1 | cut -c1-400 || true
  echo "---- the operator's log before its last restart"
  $k logs -n gabion-system -l app.kubernetes.io/component=operator --tail=40 --prefix --previous 2>&1 | cut -c1-400 || true
  echo "---- events"
  $k get events -A --sort-by=.lastTimestamp 2>&1 | tail -n 40 | cut -c1-300 || true
}

# Java tests are counted in the reports, shell and Python tests by their closing lines in the steps' logs.
counts() {
  python3 - "$1" "$2" <<'PY'
import pathlib, re, sys, xml.etree.ElementTree as xml
root, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
passed = failed = skipped = 0
for report in root.glob("**/target/*-reports/TEST-*.xml"):
    try:
        suite = xml.parse(report).getroot()
    except xml.ParseError:
        failed += 1
        continue
    total = int(suite.get("tests", 0))
    bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    left = int(suite.get("skipped", 0))
    passed, failed, skipped = passed + total - bad - left, failed + bad, skipped + left
# "N passed, N failed, N skipped", perhaps after a word of what; or Python's unittest: "Ran N tests" and the line after it.
line = re.compile(r"(?:^|[:;] )(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")
ran = re.compile(r"^Ran (\d+) tests? in ")
result = re.compile(r"^(?:OK|FAILED)(?: \((.*)\))?$")
for log in sorted(out.glob("*.log")):
    total = 0
    for text in map(str.strip, log.read_text(errors="replace").splitlines()):
        if found := line.search(text):
            passed += int(found[1])
            failed += int(found[2])
            skipped += int(found[3] or 0)
        elif found := ran.match(text):
            total = int(found[1])
        elif total and (found := result.match(text)):
            said = dict(re.findall(r"(\w+)=(\d+)", found[1] or ""))
            bad = int(said.get("failures", 0)) + int(said.get("errors", 0))
            left = int(said.get("skipped", 0))
            passed, failed, skipped, total = passed + total - bad - left, failed + bad, skipped + left, 0
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(0 if passed and not failed else 1)
PY
}

command=$1
shift
"$command" "$@"
