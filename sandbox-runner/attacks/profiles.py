# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""The shipped seccomp profiles (OCI JSON) as classic BPF, without the engine: written again on purpose, so that an error of
the engine's compiler does not hide here."""
import json
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../launcher/tests"))
from launcher import X86  # noqa: E402

PROFILES = os.path.join(HERE, "../src/main/resources/dev/gabion/runner/seccomp")
NUMBERS = {
    name: int(number)
    for name, number in (
        line.split() for line in open(os.path.join(PROFILES, f"syscalls-{'amd64' if X86 else 'arm64'}.txt")) if line[0] != "#"
    )
}
NAMES = {number: name for name, number in NUMBERS.items()}


def action(entry):
    if entry["action"] == "SCMP_ACT_ERRNO":
        return 0x00050000 | entry.get("errnoRet", 1)
    return {"SCMP_ACT_ALLOW": 0x7FFF0000, "SCMP_ACT_NOTIFY": 0x7FC00000}[entry["action"]]


def argument_tests(entry):
    """Instructions that fall through to the verdict, or jump behind it."""
    tests = []
    for each in entry.get("args", []):
        mask, value = (2**64 - 1, each["value"]) if each["op"] == "SCMP_CMP_EQ" else (each["value"], each["valueTwo"])
        assert each["op"] in ("SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ"), each
        for half in (0, 1):
            at = 16 + 8 * each["index"] + 4 * half
            part = (mask >> 32 * half) & 0xFFFFFFFF
            tests += [(0x20, 0, 0, at), (0x54, 0, 0, part), (0x15, 0, None, (value >> 32 * half) & part)]
    return [(c, t, len(tests) - i if f is None else f, k) for i, (c, t, f, k) in enumerate(tests)]


def compile_profile(name):
    """The OCI profile as classic BPF: a plain list of comparisons. Of several entries for a call the first match decides."""
    profile, entries = json.load(open(f"{PROFILES}/guest/{name}.json")), []
    while profile:
        entries += profile["syscalls"]
        default = profile.get("defaultAction")
        profile = json.load(open(f"{PROFILES}/guest/{profile['extends']}.json")) if "extends" in profile else None
    last = {"action": default}
    calls = {}
    for entry in entries:
        for call in entry["names"]:
            if call in NUMBERS:
                calls.setdefault(NUMBERS[call], []).append(entry)
    code = [(0x20, 0, 0, 0)]
    for number, rules in calls.items():
        block = []
        for entry in rules:
            block += argument_tests(entry) + [(0x06, 0, 0, action(entry))]
            if not entry.get("args"):
                break
        else:
            block.append((0x06, 0, 0, action(last)))
        assert len(block) < 256
        code += [(0x15, 0, len(block), number)] + block
    code += [(0x25, 0, 1, max(NAMES)), (0x06, 0, 0, 0x00050000 | 38), (0x06, 0, 0, action(last))]
    return b"".join(struct.pack("<HBBI", *each) for each in code)
