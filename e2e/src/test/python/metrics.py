#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Reads Prometheus' text format on standard input, by Prometheus' own parser, and writes its samples as JSON. What that parser
refuses ends this with an error. Debian's python3-prometheus-client, and therefore Debian's Python."""
import json
import sys

from prometheus_client.parser import text_string_to_metric_families

json.dump(
    [
        {"type": family.type, "name": sample.name, "labels": sample.labels, "value": str(sample.value)}
        for family in text_string_to_metric_families(sys.stdin.read())
        for sample in family.samples
    ],
    sys.stdout,
)
