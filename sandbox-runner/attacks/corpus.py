# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""The programs' heads (README.md), and the page about them."""
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS = ("py", "sh", "js", "c")
KEYS = ["attack", "expect", "alone", "control", "off", "without", "lacking", "pod"]
KEYS += ["syscall", "errno", "limits", "bomb", "arch", "needs"]
NEEDED = ["attack", "expect", "control", "off", "without"]
CONTROLS = re.findall(
    r"^    ([A-Z]\w+)[,;]?$", open(os.path.join(HERE, "../../crds/src/main/java/dev/gabion/api/v1alpha1/ControlName.java")).read(), re.M
)
# Which switch leaves a control off. NoNetworkInterface has none of its own: it comes with the namespace.
SWITCH = {
    "Landlock": "landlock",
    "MountNamespace": "mountns",
    "NetworkNamespace": "netns",
    "NoCapabilities": "caps",
    "NoNetworkInterface": "netns",
    "ResourceLimits": "rlimits",
}
# How a chain may end. Those that are controls are not switched off: it would be done to the machine.
ENDS = ("Escape", "Kernel", "Supervisor", "Cgroup", "UserNamespace", "UidMap", "NetworkNamespace")


class Step:
    """`A+B ANSWER`: the controls that stop it, each of which is enough, and what it is answered."""

    def __init__(self, text):
        names, _, self.answer = text.strip().partition(" ")
        self.controls = names.split("+")

    def __str__(self):
        return " and ".join(self.controls) + (f" ({self.answer})" if self.answer else "")


class Attack:
    def __init__(self, path):
        self.path, self.kind = path, path.rsplit(".", 1)[1]
        self.name = os.path.relpath(path, HERE).rsplit(".", 1)[0]
        head = [line.lstrip("/# ").rstrip() for line in open(path).read().split("\n")[:30]]
        self.head = dict(line.split(": ", 1) for line in head if line.split(":")[0] in KEYS)
        for key in NEEDED:
            assert key in self.head, f"{self.name}: no {key}"
        self.category = self.name.split("/")[0]
        self.bomb = self.head.get("bomb") == "yes"
        self.limits = dict(each.split("=") for each in self.head.get("limits", "").split())
        self.off = None if self.head["off"] == "none" else self.head["off"]
        chain = [] if self.off is None else [Step(each) for each in self.head["without"].split(" > ")]
        self.stops, self.end = chain[:-1], chain[-1] if chain else None
        self.check()

    def check(self):
        assert "|" not in self.head["expect"] + self.head["without"], f"{self.name}: one outcome each"
        assert self.head["control"] in CONTROLS, f"{self.name}: no control {self.head['control']}"
        assert (self.off is None) == (self.head["without"] == "none"), f"{self.name}: off and without belong together"
        for step in self.stops:
            for each in step.controls:
                assert each in CONTROLS and each in SWITCH, f"{self.name}: {each} has no switch"
        assert self.end is None or self.end.controls[0] in ENDS, f"{self.name}: ends at {self.end}"

    @property
    def expect(self):
        return self.head["expect"]

    @property
    def alone(self):
        """How it ends with the launcher alone."""
        return self.head.get("alone", self.expect)

    @property
    def lacking(self):
        return self.head.get("lacking", "").split()


def corpus():
    paths = [os.path.join(d, f) for d, _, fs in os.walk(HERE) for f in fs if d != HERE and f.rsplit(".", 1)[-1] in KINDS]
    return sorted((Attack(each) for each in paths), key=lambda each: each.name)


def without(attack):
    if attack.off is None:
        return "-"
    text = ", then ".join(map(str, [*attack.stops, attack.end]))
    return text + (f"; or the kernel lacks it ({', '.join(attack.lacking)})" if attack.lacking else "")


PAGE = """# The attack corpus

Rendered from the heads in `sandbox-runner/attacks` by `check.py --page`; not edited by hand. {count} programs, each tried in
the full isolation by the engine's test, and by `make launcher-attacks` once more with the named control switched off.

*Without it*: what happens then, one outcome each, and shown: a control that is named next is switched off as well, and
then it must end as is said next.

- `Escape`: nothing else stops it.
- `A and B`: each of the two is enough; each is tried with the other one off.
- `Kernel`: this kernel refuses anyway, with capabilities in its namespace given and Landlock and rlimits off, too.
- `UserNamespace`, `UidMap`: it would take a privilege over the machine, or a user that the namespace has no number for.
  Shown as with `Kernel`: all capabilities of the guest's own namespace do not help. Not switched off: it would be done to the machine.
- `NetworkNamespace` at the end: no route, shown by the answer. Not switched off: packets would leave.
- `Supervisor`: the launcher's init finds what is left and ends it.
- `Cgroup`: the test's outer cgroup held it; the cgroup's own counter tells.
- *or the kernel lacks it*: accepted only when the program gets the same answer as an ordinary user outside of any sandbox.
- *at level Pod*: how it ends there, where that is another end; those in Python, bash and Node.js are tried there, too.
- `-`: there is no switch. The engine's own clocks and meters are the control, or what is tried has no way at all.
"""


def page(attacks):
    """The list of all attacks for readers."""
    out = [PAGE.format(count=len(attacks))]
    for category in sorted({each.category for each in attacks}):
        out += [f"## {category}", "", "| attack | what it tries | ends as | stopped by | without it |", "|---|---|---|---|---|"]
        for each in (each for each in attacks if each.category == category):
            ends = each.expect + (f" ({each.head['syscall']})" if "syscall" in each.head else "")
            ends += f" ({each.head['errno']})" if "errno" in each.head else ""
            ends += f"; at level Pod {each.head['pod']}" if "pod" in each.head else ""
            name = os.path.basename(each.path)
            out.append(f"| {name} | {each.head['attack']} | {ends} | {each.head['control']} | {without(each)} |")
        out.append("")
    return "\n".join(out)
