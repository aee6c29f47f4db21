#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Seeds for the fuzzer: valid requests that hold every kind of record. make_seeds.py DIRECTORY"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests"))
from launcher import request

SEEDS = {
    "small": request(["/bin/true"]),
    "all": request(
        ["/bin/sh", "-c", "true", ""],
        env=["A=", "B=2"],
        binds=[("/dev/null", "/dev/x", 4), ("/usr", "/opt/usr", 3)],
        files=[("/etc/f", 0o644, "content")],
        symlinks=[("usr/lib", "/lib64x")],
        rlimits=[("NOFILE", 5, 6), ("NPROC", 1, 1)],
        collect=["/work/*.png", "/work/a/b"],
        hostname="h-1",
        ids=(1, 2, 3, 4),
        learn=True,
        proc=True,
    ),
    "pod": request(["/bin/true"], level="pod", default_binds=False),
}
os.makedirs(sys.argv[1], exist_ok=True)
for name, content in SEEDS.items():
    with open(os.path.join(sys.argv[1], name), "wb") as out:
        out.write(content)
