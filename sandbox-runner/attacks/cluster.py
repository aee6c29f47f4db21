# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""The corpus as SandboxJobs in a cluster: what the launcher and the engine are shown to stop, stopped in the pods that users
get. Needs kubectl (or $KUBECTL), a cluster with Gabion, and a namespace that is ready for jobs."""
import json
import os
import subprocess
import time

import profiles

RUNTIME = {"py": "python", "sh": "bash", "js": "node", "c": "c"}
LABEL = "gabion.dev/attack-corpus"
WHOLE = ("cpuTimeMilliseconds", "wallTimeMilliseconds", "processes", "openFiles", "outputBytes")
SECONDS_PER_JOB = 6


def kubectl(*args, **more):
    done = subprocess.run([os.environ.get("KUBECTL", "kubectl"), *args], capture_output=True, text=True, **more)
    if done.returncode:
        raise SystemExit(f"kubectl {' '.join(args)}: {done.stderr.strip()}")
    return done.stdout


def refused_by_the_pod():
    """Calls that the pod's own profile refuses: the guest gets an errno before its filter can name them."""
    profile = json.load(open(os.path.join(profiles.PROFILES, "pod/runner.json")))
    allowed = {name for each in profile["syscalls"] if each["action"] == "SCMP_ACT_ALLOW" for name in each["names"]}
    return set(profiles.NUMBERS) - allowed


def left_out(attack, runtimes):
    if RUNTIME[attack.kind] not in runtimes:
        return f"no SandboxRuntime {RUNTIME[attack.kind]}"
    if attack.head.get("arch", "x86_64") != "x86_64" or attack.head.get("needs"):
        return "asks for what the runtimes of a cluster do not give"
    return None


def document(attack, name, run):
    limits = {key: int(value) if key in WHOLE else value for key, value in attack.limits.items()}
    spec = {
        "runtime": RUNTIME[attack.kind],
        "source": {"inline": [{"name": "main." + attack.kind, "content": open(attack.path).read()}]},
        "limits": limits,
    }
    if attack.category == "results":
        spec["outputs"] = ["result*", "*.txt"]
    meta = {"name": name, "labels": {LABEL: run}}
    return {"apiVersion": "gabion.dev/v1alpha1", "kind": "SandboxJob", "metadata": meta, "spec": spec}


def judge(attack, status, refused):
    verdict = status["verdict"]
    said = status.get("output", {}).get("stdout", {}).get("tail", "").strip().splitlines()[-1:] or [""]
    if "ESCAPED" in said[0]:
        return f"escaped: {said[0]}"
    ended = "contained" if verdict == "OK" and said[0].startswith("CONTAINED") else verdict
    by_the_pod = attack.expect == "SecurityViolation" and attack.head.get("syscall") in refused
    wanted = "contained" if by_the_pod else attack.expect
    if ended != wanted:
        reasons = "; ".join(each.get("message", "") for each in status.get("reasons", []))
        return f"{ended} ({reasons} {said[0]}), expected {wanted}"
    return None


def main(namespace, attacks):
    runtimes = {each["metadata"]["name"] for each in json.loads(kubectl("get", "sandboxruntimes", "-o", "json"))["items"]}
    run = f"run-{os.getpid()}-{int(time.time())}"
    jobs, failed, left = {}, [], 0
    for attack in attacks:
        why = left_out(attack, runtimes)
        if why:
            left += 1
            print(f"left {attack.name}: {why}")
        else:
            jobs["attack-" + attack.name.replace("/", "-")] = attack
    items = [document(attack, name, run) for name, attack in jobs.items()]
    try:
        kubectl("create", "-n", namespace, "-f", "-", input=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
        end = time.monotonic() + 120 + SECONDS_PER_JOB * len(jobs)
        refused, waiting = refused_by_the_pod(), dict(jobs)
        while waiting and time.monotonic() < end:
            found = json.loads(kubectl("get", "sandboxjobs", "-n", namespace, "-l", f"{LABEL}={run}", "-o", "json"))["items"]
            for job in found:
                name, status = job["metadata"]["name"], job.get("status", {})
                if name in waiting and "verdict" in status:
                    attack = waiting.pop(name)
                    wrong = judge(attack, status, refused)
                    failed += [f"{attack.name}: {wrong}"] if wrong else []
                    print(f"{'FAIL' if wrong else 'ok  '} {attack.name:38} {status['verdict']:18} {wrong or ''}", flush=True)
            time.sleep(1)
        failed += [f"{each.name}: no verdict in time" for each in waiting.values()]
    finally:
        kubectl("delete", "sandboxjobs", "-n", namespace, "-l", f"{LABEL}={run}", "--wait=false")
    for each in failed:
        print(f"FAIL {each}")
    print(f"attacks in pods: {len(jobs)} tried, {left} left out; {len(jobs) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0
