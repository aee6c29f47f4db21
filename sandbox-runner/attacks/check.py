#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Runs the attack corpus against the launcher alone, without the engine:  check.py BUILD_DIRECTORY [category/name...]
As SandboxJobs in a cluster:  check.py --in-pod NAMESPACE [category/name...]
Writes the page about it:  check.py --page > docs/security/attacks.md

Each program once in the full isolation with its runtime's real profile, and then with its control switched off, and with
each control that is named to stop it then. What only the engine can say (CPU, memory) is left to the engine's own test, and
counted as such."""
import os
import shutil
import socket
import sys
import tempfile

import cluster
import profiles  # first of those that need it: it makes the launcher's client known
from corpus import HERE, SWITCH, corpus, page
from trial import COMMAND, GUEST, OuterCgroup, bare, confined, prepare

ENGINE_ONLY = {"CpuTimeExceeded", "MemoryExceeded"}
# What can be left off without harm to the machine: capabilities are those of the guest's own namespace.
HARMLESS = ("caps", "landlock", "rlimits")
ABSTRACT = "\0/tmp/.X11-unix/X0"


class Wrong(Exception):
    """The list says something else."""


class Survivors:
    """Processes of the guest's user outside."""

    def __init__(self):
        self.known = set()
        self.new()

    def new(self):
        found = set()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.stat(f"/proc/{pid}").st_uid == GUEST and os.geteuid() == 0:
                    found.add(int(pid))
            except OSError:
                pass
        new = found - self.known
        self.known |= found
        return sorted(new)


def judge(attack, trial):
    """The run in full isolation."""
    run = trial.run
    if trial.ended != attack.alone:
        raise Wrong(f"{trial}, expected {attack.alone}")
    if trial.ended == "contained" and b"CONTAINED" not in run.out:
        raise Wrong("says nothing")
    if trial.ended == "contained" and not trial.is_answer(attack.head.get("errno", "")):
        raise Wrong(f"not {attack.head['errno']}")
    if trial.ended == "SecurityViolation" and "syscall" in attack.head and run.get("VIOLATION")["arch"] == run.get("HELLO")["arch"]:
        named = profiles.NAMES.get(run.get("VIOLATION")["nr"])
        if named.replace("at", "") != attack.head["syscall"].replace("at", ""):
            raise Wrong(f"violation by {named}")
    for path, content in run.files.items():
        if b"root:" in content:
            raise Wrong(f"{path} was collected with the host's content")


class WithoutControl:
    """The runs of one program with controls switched off, as its head lists them."""

    def __init__(self, attack, build, program, survivors, cgroup):
        self.attack, self.build, self.program, self.survivors, self.cgroup = attack, build, program, survivors, cgroup
        self.told, self.runs = [], 0

    def run(self, *off):
        prefix = self.cgroup.prefix if self.attack.bomb else ()
        trial = confined(self.attack, self.build, self.program, (self.attack.off, *off), prefix)
        self.runs += 1
        where = "without " + "+".join((self.attack.off, *off))
        if trial.ended in ("Error", "Hangs"):
            raise Wrong(f"{where}: {trial} {trial.run.events[-3:]}")
        if b"Traceback" in trial.err:
            raise Wrong(f"{where} it does not even try: {trial.err[-200:]!r}")
        left = self.survivors.new()
        if left:
            raise Wrong(f"{where} survived: {left}")
        self.told.append(f"{'+'.join((self.attack.off, *off))}: {trial}")
        return trial, where

    def lacks(self, trial):
        """This kernel, or this machine, has not got what is tried: outside of the sandbox it is answered the same."""
        if not any(trial.is_answer(each) for each in self.attack.lacking):
            return False
        outside = bare(self.attack, self.program, self.build)
        if outside.ended != "contained" or outside.answer != trial.answer:
            return False
        self.told.append(f"outside: {outside}")
        return True

    def stopped(self, trial, where, answer):
        if not trial.is_answer(answer):
            raise Wrong(f"{where}: {trial}, expected to be answered {answer}")

    def check(self):
        off = []
        for step in self.attack.stops:
            trial, where = self.run(*off)
            if self.lacks(trial):
                return
            self.stopped(trial, where, step.answer)
            if self.attack.off == "mountns" and os.geteuid() != 0:
                self.told.append("more only as root, where the guest is another user than the one who runs this")
                return
            wanted = [SWITCH[each] for each in step.controls]
            for kept in wanted if len(wanted) > 1 else ():
                alone, where = self.run(*off, *(each for each in wanted if each != kept))
                self.stopped(alone, where, "")
            off += wanted
        self.end(off)

    def end(self, off):
        name, answer = self.attack.end.controls[0], self.attack.end.answer
        if name == "Cgroup":
            before = self.cgroup.refused_forks()
            _, where = self.run(*off)
            if self.cgroup.refused_forks() == before:
                raise Wrong(f"{where} the outer cgroup had nothing to refuse")
            return
        trial, where = self.run(*off)
        if self.lacks(trial):
            return
        if name == "Escape":
            if trial.ended != "Escape":
                raise Wrong(f"{where} it does not escape: {trial}")
            return
        self.stopped(trial, where, answer)
        more = [each for each in HARMLESS if each not in (*off, self.attack.off)]
        # A kernel of more kinds than these would be needed for the Supervisor; nothing of it can be left off.
        if name != "Supervisor" and self.attack.off != "nnp":
            again, where = self.run(*off, *more)
            self.stopped(again, where, answer)


def try_one(attack, build, directory, survivors, cgroup, left):
    """What was found, for a person, and how many runs were without a control. Raises Wrong."""
    program = prepare(attack, build, directory)
    trial = confined(attack, directory, program)
    judge(attack, trial)
    alive = survivors.new()
    if alive:
        raise Wrong(f"survived: {alive}")
    if attack.off is None:
        return trial, [], 0
    if attack.bomb and cgroup.prefix is None:
        left.append(f"{attack.name}: without its control only inside an outer cgroup, which this user cannot make here")
        return trial, [], 0
    without = WithoutControl(attack, directory, program, survivors, cgroup)
    without.check()
    return trial, without.told, without.runs


def reason_to_leave(attack):
    if attack.head.get("arch", os.uname().machine) != os.uname().machine:
        return f"only on {attack.head['arch']}"
    if COMMAND[attack.kind] and not os.path.exists(COMMAND[attack.kind][0]):
        return f"no {COMMAND[attack.kind][0]} here"
    if attack.alone in ENGINE_ONLY or ("memory" in attack.limits and attack.off is None):
        return "CPU and memory are the engine's"
    return None


def chosen(attacks, wanted):
    return [each for each in attacks if not wanted or each.name in wanted or each.category in wanted]


def main():
    if sys.argv[1] == "--page":
        sys.stdout.write(page(corpus()))
        return 0
    if sys.argv[1] == "--in-pod":
        return cluster.main(sys.argv[2], chosen(corpus(), sys.argv[3:]))
    build, wanted = sys.argv[1], sys.argv[2:]
    attacks = corpus()
    written = os.path.join(HERE, "../../docs/security/attacks.md")
    if not wanted and os.path.exists(written) and open(written).read() != page(attacks):
        print("FAIL docs/security/attacks.md is not what the heads say: sandbox-runner/attacks/check.py --page > docs/security/attacks.md")
        return 1
    attacks = chosen(attacks, wanted)
    failed, left, passed, without_control, runs = [], [], 0, 0, 0
    cgroup, survivors = OuterCgroup(), Survivors()
    with tempfile.TemporaryDirectory(prefix="gabion-attacks-") as directory, socket.socket(socket.AF_UNIX) as listener:
        os.chmod(directory, 0o755)
        for name in ("gabion-launch", "gabion-launch-test"):
            shutil.copy(os.path.join(build, name), directory)
        try:
            listener.bind(ABSTRACT)  # somebody to be reached by network/unix-abstract
            listener.listen()
        except OSError:
            pass  # a display server is there already
        for attack in attacks:
            reason = reason_to_leave(attack)
            if reason:
                left.append(f"{attack.name}: {reason}")
                continue
            try:
                trial, told, more = try_one(attack, build, directory, survivors, cgroup, left)
            except Wrong as wrong:
                failed.append(f"{attack.name}: {wrong}")
                print(f"FAIL {attack.name:38} {wrong}", flush=True)
                continue
            passed, runs, without_control = passed + 1, runs + more, without_control + (more > 0)
            print(f"ok   {attack.name:38} {trial.ended:18} {'; '.join(told)}", flush=True)
    cgroup.remove()
    for each in left:
        print(f"left {each}")
    for each in failed:
        print(f"FAIL {each}")
    print(f"attacks: {len(attacks)} in the corpus, {without_control} also without their control ({runs} runs), ", end="")
    print(f"{len(attacks) - passed - len(failed)} left to the engine's test; {passed} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
