# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""What the benchmarks share: percentiles, the machine's description, one table of inputs and figures."""
import json
import os
import platform
import re


def percentile(values, p):
    """The p-th percentile (0..100) of the values by the nearest-rank rule."""
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * p // 100))
    return ordered[int(rank) - 1]


def machine():
    model = re.search(r"^model name\s*: (.*)$", open("/proc/cpuinfo").read(), re.M)
    memory = int(re.search(r"^MemTotal:\s+(\d+)", open("/proc/meminfo").read(), re.M)[1]) // 1048576
    return (
        f"{os.cpu_count()} x {model[1] if model else platform.machine()}, {memory} GiB, "
        f"Linux {platform.release()}, load {os.getloadavg()[0]:.1f} at the start"
    )


class Table:
    """Rows of (what, figure, goal, met); met is None where there is no goal."""

    def __init__(self, title):
        self.title, self.rows, self.machine = title, [], machine()

    def add(self, what, figure, goal="", met=None):
        self.rows.append((what, figure, goal, met))
        print(f"  {what}: {figure}{f' (goal {goal}: ' + ('met' if met else 'MISSED') + ')' if goal else ''}", flush=True)

    def markdown(self):
        lines = [f"## {self.title}", "", f"Machine: {self.machine}.", "", "| what | figure | goal | |", "|---|---|---|---|"]
        for what, figure, goal, met in self.rows:
            lines.append(f"| {what} | {figure} | {goal} | {'' if met is None else 'met' if met else '**missed**'} |")
        return "\n".join(lines) + "\n"

    def save(self, folder, name):
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, name + ".md"), "w") as out:
            out.write(self.markdown())
        with open(os.path.join(folder, name + ".json"), "w") as out:
            json.dump(dict(title=self.title, machine=self.machine, rows=self.rows), out, indent=1)
        print(f"written: {os.path.join(folder, name)}.md and .json")


def milliseconds(seconds):
    return f"{seconds * 1000:.1f} ms"


def summary(seconds):
    return f"p50 {milliseconds(percentile(seconds, 50))}, p99 {milliseconds(percentile(seconds, 99))} of {len(seconds)}"
