#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Tests of gabion-launch against this machine's kernel: run_tests.py BUILD_DIRECTORY [name...]

A file `room_*.py` beside this one is a room of tests."""
import glob
import importlib
import os
import sys
import traceback

from bench import TESTS

for room in sorted(glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "room_*.py"))):
    importlib.import_module(os.path.basename(room)[:-3])


def main():
    wanted = sys.argv[2:]
    who = f"uid {os.geteuid()}"
    passed = failed = 0
    for each in TESTS:
        if wanted and each.__name__ not in wanted:
            continue
        try:
            each()
            passed += 1
            print(f"ok   {each.__name__}")
        except Exception:
            failed += 1
            print(f"FAIL {each.__name__}")
            traceback.print_exc(limit=4, file=sys.stdout)
    print(f"{who}: {passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


sys.exit(main())
