#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""table.py NAMESPACE CHARTS FILE...: waits for the jobs in the files and prints what became of each.

A chart of each job's usage is drawn into the folder CHARTS where the command line `gabion` is built (make cli).
The exit code is 1 if a job never ended, ended by the platform's fault, or not with the verdict it promises.
"""

import json
import pathlib
import re
import subprocess
import sys
import time

PATIENCE_SECONDS = 180


def kubectl(*arguments):
    return subprocess.run(["kubectl", *arguments], check=True, capture_output=True, text=True, timeout=60).stdout


def names(files):
    """The names of the SandboxJobs in the files, in order; the files may hold other objects too."""
    found = []
    for file in files:
        text = kubectl("create", "--dry-run=client", "-o", "json", "-f", file)
        decoder, at = json.JSONDecoder(), 0
        while at < len(text):
            document, at = decoder.raw_decode(text, at)
            at = re.compile(r"\s*").match(text, at).end()
            for item in document.get("items", [document]):
                if item["kind"] == "SandboxJob":
                    found.append(item["metadata"]["name"])
    return found


def jobs(namespace):
    items = json.loads(kubectl("get", "sandboxjobs", "-n", namespace, "-o", "json"))["items"]
    return {item["metadata"]["name"]: item for item in items}


def status_of(states, name):
    return states.get(name, {}).get("status", {})


def promised(states, name):
    """The verdict that an example promises by annotation, None where it promises none."""
    return states.get(name, {}).get("metadata", {}).get("annotations", {}).get("gabion.dev/expected-verdict")


def ended(status):
    return any(c["type"] in ("Complete", "Failed") and c["status"] == "True" for c in status.get("conditions", []))


def wait(namespace, wanted):
    begin, said = time.monotonic(), -1
    while True:
        states = jobs(namespace)
        done = sum(ended(status_of(states, name)) for name in wanted)
        seconds = int(time.monotonic() - begin)
        if done != said:
            print(f"    {done} of {len(wanted)} jobs have ended ({seconds} s)", flush=True)
            said = done
        if done == len(wanted) or seconds > PATIENCE_SECONDS:
            return states
        time.sleep(1)


def chart(namespace, name, folder):
    """Where the course of the job's usage is: a picture, or the ConfigMap with the numbers."""
    program = pathlib.Path("operator/cli/bin/gabion")
    picture = folder / f"{name}.png"
    if pathlib.Path("operator/cli/target/lib/classpath").exists():
        folder.mkdir(parents=True, exist_ok=True)
        drawn = subprocess.run(
            [program, "chart", name, "--namespace", namespace, "--chart", picture],
            capture_output=True,
            text=True,
            timeout=60,
        )
        if drawn.returncode == 0:
            return str(picture.relative_to(pathlib.Path.cwd()))
        print(f"    no chart of {name}: {(drawn.stderr or drawn.stdout).strip()[:200]}", flush=True)
    return f"configmap/{name}-result usage.json"


def milliseconds(value):
    return "-" if value is None else f"{value / 1000:.2f} s"


def mebibytes(value):
    return "-" if value is None else f"{value / (1 << 20):.1f} MiB"


def first_line(status):
    output = status.get("output", {})
    for stream in ("stdout", "stderr"):
        for line in output.get(stream, {}).get("tail", "").splitlines():
            if line.strip():
                return line if len(line) <= 44 else line[:43] + "…"
    return ""


def row(namespace, name, status, folder):
    usage = status.get("usage", {})
    code = status.get("exitCode", status.get("signal", "-"))
    has_series = bool(usage.get("series"))
    return [
        name,
        status.get("verdict", "none yet"),
        str(code),
        milliseconds(usage.get("cpuTimeMilliseconds")),
        milliseconds(usage.get("wallTimeMilliseconds")),
        mebibytes(usage.get("peakMemoryBytes")),
        first_line(status),
        chart(namespace, name, folder) if has_series else "-",
    ]


def main():
    namespace, folder, files = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
    wanted = names(files)
    states = wait(namespace, wanted)
    rows = [["JOB", "VERDICT", "EXIT", "CPU", "WALL", "PEAK", "FIRST LINE OF OUTPUT", "CHART"]]
    rows += [row(namespace, name, status_of(states, name), folder) for name in wanted]
    widths = [max(len(line[i]) for line in rows) for i in range(len(rows[0]))]
    print()
    for line in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
    unwell = []
    for name in wanted:
        status, promise = status_of(states, name), promised(states, name)
        verdict = status.get("verdict")
        if verdict in (None, "InternalError") or (promise and verdict != promise):
            unwell.append(name)
            print(f"\n{name}: {verdict or 'no verdict'}, expected {promise or 'a verdict of its own'}")
            for condition in status.get("conditions", []):
                print(f"    {condition['type']}={condition['status']} {condition['reason']}: {condition.get('message', '')}")
            for reason in status.get("reasons", []):
                print(f"    {reason}")
    return 1 if unwell or not wanted else 0


sys.exit(main())
