#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""The operator's settings and the chart's values are one to one: settings.py ROOT prints each difference, exit code 1.

A setting is what OperatorSettings.java reads from the environment. Each has one entry in the chart's gabion.settings, a
value of the same default in values.yaml, the same range in values.schema.json and in the value's comment, and a line in
the page of settings. Read as text: the forms are few, and a form that is not known here is itself a difference.
"""

import json
import pathlib
import re
import sys

FOR_TESTS = {"GABION_FAILPOINTS"}
UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "m": 0.001, "": 1}


def amount(quantity):
    number, unit = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", str(quantity)).groups()
    return float(number) * UNITS[unit]


def read_settings(settings, plan):
    """Each variable with its kind, default, least and most, as the Java source has them."""
    overhead = re.search(r"RUNNER_OVERHEAD_BYTES = ([0-9L* ]+);", plan)[1].replace("L", "")
    bytes_of_runner = 1
    for factor in overhead.split("*"):
        bytes_of_runner *= int(factor)
    found = {}
    for kind, name, rest in re.findall(r'reader\.(\w+)\(\s*"(GABION_\w+)"((?:[^()]|\([^()]*\))*)\)', settings):
        words = [word.strip().replace("_", "") for word in rest.lstrip(",").split(",") if word.strip()]
        if kind in ("integer", "seconds"):
            found[name] = (kind, *(int(word) for word in words))
        elif kind == "quantity":
            default = str(bytes_of_runner) if "RUNNEROVERHEADBYTES" in words[0] else words[0].strip('"')
            found[name] = (kind, default)
        elif kind == "text":
            default = re.search(rf'"{name}"\)\s*\.orElse\("([^"]*)"\)', settings)
            found[name] = (kind, default[1] if default else "")
    return found


def plain_values(text):
    """The values directly below `operator:`, each with the comment above it."""
    operator = re.search(r"^operator:\n((?:  .*\n|\n)*)", text, re.MULTILINE)[1]
    return {
        name: (default.strip().strip('"'), comment)
        for comment, name, default in re.findall(r"((?:^  #.*\n)+)^  (\w+):(.*)$", operator, re.MULTILINE)
    }


def differences(root):
    source = (root / "operator/controllers/src/main/java/dev/gabion/operator/OperatorSettings.java").read_text()
    chart = root / "deploy/helm/gabion"
    settings = read_settings(source, (root / "crds/src/main/java/dev/gabion/api/runner/JobPlan.java").read_text())
    for name in sorted(set(re.findall(r'"(GABION_\w+)"', source)) - settings.keys()):
        yield f"{name}: this test does not understand how OperatorSettings reads it"
    helpers = (chart / "templates/_helpers.tpl").read_text()
    named = dict(re.findall(r"^(GABION_\w+): (\w+)$", helpers, re.MULTILINE))
    values = plain_values((chart / "values.yaml").read_text())
    schema = json.loads((chart / "values.schema.json").read_text())["properties"]["operator"]["properties"]
    page = (root / "docs/controller-flow/sandboxjob.md").read_text()
    for name in sorted(named.keys() - settings.keys()):
        yield f"{name}: in gabion.settings of the chart, but no setting of the operator"
    for name in sorted(FOR_TESTS & named.keys()):
        yield f"{name}: is for tests and has no value"
    for name, (kind, default, *limits) in sorted(settings.items()):
        if f"| `{name}` |" not in page:
            yield f"{name}: not in docs/controller-flow/sandboxjob.md"
        if name in FOR_TESTS:
            continue
        if name not in named:
            yield f"{name}: no value in the chart (gabion.settings in _helpers.tpl)"
            continue
        value = named[name]
        if value not in values or value not in schema:
            yield f"{name}: operator.{value} is not in values.yaml with a comment, or not in values.schema.json"
            continue
        shipped, comment = values[value]
        if not re.search(rf"\| `{name}` \|.*`operator\.{value}`", page):
            yield f"{name}: docs/controller-flow/sandboxjob.md does not name operator.{value} beside it"
        same = amount(shipped) == amount(default) if kind == "quantity" else shipped == str(default)
        if not same:
            yield f"operator.{value}: is {shipped} by default; the operator's own default is {default}"
        if limits:
            allowed = schema[value]
            if [allowed.get("minimum"), allowed.get("maximum")] != limits:
                yield f"operator.{value}: the schema allows {allowed}; the operator {limits[0]} to {limits[1]}"
            if f" {limits[0]} to {limits[1]}." not in comment:
                yield f"operator.{value}: the comment does not say: {limits[0]} to {limits[1]}"
        if kind == "seconds" and "Seconds" not in comment:
            yield f"operator.{value}: the comment does not say that it is in seconds"
    for value, count in {value: list(named.values()).count(value) for value in named.values()}.items():
        if count > 1:
            yield f"operator.{value}: sets {count} variables"


found = list(differences(pathlib.Path(sys.argv[1])))
print("\n".join(found))
sys.exit(1 if found else 0)
