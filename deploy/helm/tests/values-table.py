#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Keeps the table of values in the chart's README equal to values.yaml, where every value has a comment of its own.

values-table.py CHART          checks; exit code 1 and the difference when the README drifted or a value has no comment
values-table.py CHART --write  writes
"""

import pathlib
import re
import sys

BEGIN = "<!-- values: generated from values.yaml by `make chart-golden` -->"
END = "<!-- end of values -->"


def rows(text):
    path, comment, found = [], [], []
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped:
            comment = []
        elif stripped.startswith("#"):
            comment.append(stripped.lstrip("# "))
        elif key := re.match(r"^( *)([A-Za-z]+):(.*)$", line):
            path = path[: len(key[1]) // 2] + [key[2]]
            found.append((".".join(path), key[3].strip(), " ".join(comment)))
            comment = []
        else:  # the items of a list written over several lines belong to the value above them
            name, default, said = found[-1]
            found[-1] = (name, f"{default} {stripped}".strip(), said)
    return found


def table(found):
    lines = ["| value | default | what it is |", "|---|---|---|"]
    for name, default, said in found:
        shown = f"`{default}`" if default else ""
        lines.append(f"| `{name}` | {shown} | {said} |")
    return "\n".join(lines)


def main():
    chart = pathlib.Path(sys.argv[1])
    found = rows((chart / "values.yaml").read_text())
    silent = [name for name, _, said in found if not said]
    if silent:
        print("values.yaml: no comment above", ", ".join(silent))
        return 1
    readme = chart / "README.md"
    text = readme.read_text()
    head, rest = text.split(BEGIN)
    wanted = f"{head}{BEGIN}\n{table(found)}\n{END}{rest.split(END)[1]}"
    if "--write" in sys.argv:
        readme.write_text(wanted)
    elif text != wanted:
        print("README.md: the table of values is not that of values.yaml; run: make chart-golden")
        return 1
    return 0


sys.exit(main())
