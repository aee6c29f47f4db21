# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Where things are, and which versions."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from gabion_cluster.shell import Refusal

HERE = Path(__file__).resolve().parent.parent  # e2e/cluster
CLUSTER_NAME = "gabion"


def home() -> Path:
    """Everything built or downloaded lives below this folder; removing it is always safe while no cluster is up."""
    return Path(os.environ.get("GABION_HOME") or Path.home() / ".cache" / "gabion").absolute()


def parse_env(text: str) -> dict[str, str]:
    """KEY=VALUE lines; anything else is refused rather than ignored."""
    values: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        key, equals, value = line.partition("=")
        if not equals or not key.isidentifier() or any(c in value for c in " \"'$`\\"):
            raise Refusal(f"versions.env line {number}: expected KEY=VALUE without quotes or blanks, found: {line}")
        values[key] = value
    return values


def versions() -> dict[str, str]:
    return parse_env((HERE / "versions.env").read_text())


def architecture() -> str:
    """The machine in Debian's, Go's and OCI's words."""
    machine = platform.machine()
    known = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
    if machine not in known:
        raise Refusal(f"this machine is {machine}; the cluster is built for {sorted(set(known.values()))}")
    return known[machine]
