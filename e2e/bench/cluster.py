#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""SandboxJobs on the running cluster beside bare pods of the same image:  cluster.py [--pairs N] [--finished N]

The chart must be installed (make demo). Everything it makes lies in the namespace gabion-bench, made and removed here."""
import argparse
import base64
import http.client
import json
import os
import ssl
import subprocess
import tempfile
import time

import finished
from figures import Table, milliseconds, percentile, summary

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
HOME = os.environ.get("GABION_HOME", os.path.expanduser("~/.cache/gabion"))
NAMESPACE = "gabion-bench"
JOBS = f"/apis/gabion.dev/v1alpha1/namespaces/{NAMESPACE}/sandboxjobs"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
RESTRICTED = dict(
    allowPrivilegeEscalation=False,
    capabilities=dict(drop=["ALL"]),
    runAsNonRoot=True,
    runAsUser=65532,
    runAsGroup=65532,
    readOnlyRootFilesystem=True,
    seccompProfile=dict(type="RuntimeDefault"),
)


class Cluster:
    """A few calls of the Kubernetes API over one kept connection; watches get one of their own."""

    def __init__(self):
        kubectl = os.path.join(HOME, "bin/kubectl")
        raw = subprocess.run(
            [kubectl, "--kubeconfig", os.environ.get("KUBECONFIG", os.path.join(HOME, "kubeconfig")), "config", "view", "--raw", "-o", "json"],
            check=True,
            capture_output=True,
        )
        config = json.loads(raw.stdout)
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self.host = cluster["server"].split("//")[1]
        self.tls = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        with tempfile.NamedTemporaryFile() as pem:
            pem.write(base64.b64decode(user["client-certificate-data"]) + b"\n" + base64.b64decode(user["client-key-data"]))
            pem.flush()
            self.tls.load_cert_chain(pem.name)
        self.connection = self.connect()

    def connect(self, timeout=60):
        return http.client.HTTPSConnection(self.host, context=self.tls, timeout=timeout)

    def call(self, method, path, body=None, kind="application/json", missing_ok=False, accept="application/json"):
        data = None if body is None else json.dumps(body)
        self.connection.request(method, path, data, {"Content-Type": kind, "Accept": accept})
        response = self.connection.getresponse()
        text = response.read()
        if response.status == 404 and missing_ok:
            return None
        if response.status >= 300:
            raise SystemExit(f"{method} {path}: {response.status} {text[:400].decode(errors='replace')}")
        return json.loads(text)

    def watch(self, path, until, timeout):
        """Reads events until the predicate says yes of an object; answers that object and the time."""
        connection = self.connect(timeout)
        connection.request("GET", f"{path}{'&' if '?' in path else '?'}watch=1&timeoutSeconds={timeout}")
        for line in connection.getresponse():
            seen = json.loads(line)["object"]
            if until(seen):
                connection.close()
                return seen, time.perf_counter()
        raise SystemExit(f"{path}: not within {timeout} s")


def job(name, **more):
    source = dict(inline=[dict(name="main.py", content="print('hello')\n")])
    return dict(
        apiVersion="gabion.dev/v1alpha1",
        kind="SandboxJob",
        metadata=dict(name=name, namespace=NAMESPACE),
        spec=dict(runtime="python", source=source, **more),
    )


def condition(resource, kind):
    return next((c["status"] == "True" for c in resource.get("status", {}).get("conditions", []) if c["type"] == kind), False)


def pod(name, image, isolated):
    spec = dict(
        restartPolicy="Never",
        automountServiceAccountToken=False,
        containers=[
            dict(name="main", image=image, command=["/usr/bin/python3", "-I", "-S", "-c", "print('hello')"], securityContext=RESTRICTED)
        ],
    )
    if isolated:
        spec["hostUsers"] = False
    return dict(apiVersion="v1", kind="Pod", metadata=dict(name=name, namespace=NAMESPACE), spec=spec)


def create_to_end(cluster, path, resource, ended):
    began = time.perf_counter()
    cluster.call("POST", path, resource)
    seen, at = cluster.watch(f"{path}?fieldSelector=metadata.name={resource['metadata']['name']}", ended, 120)
    return seen, at - began


def latency(cluster, table, pairs):
    image = cluster.call("GET", "/apis/gabion.dev/v1alpha1/sandboxruntimes/python")["spec"]["image"]
    jobs, bare, isolated = [], [], []
    for turn in range(-2, pairs):  # two rounds to warm up
        done, seconds = create_to_end(cluster, JOBS, job(f"pair-{turn + 2}"), lambda o: condition(o, "Complete") or condition(o, "Failed"))
        if done["status"].get("verdict") != "OK":
            raise SystemExit(f"a benchmark's job ended as {done['status'].get('verdict')}: {done['status'].get('conditions')}")
        series = [(jobs, seconds)]
        for into, users in ((bare, False), (isolated, True)):
            name = f"{'isolated' if users else 'bare'}-{turn + 2}"
            done, seconds = create_to_end(cluster, PODS, pod(name, image, users), lambda o: o["status"].get("phase") in ("Succeeded", "Failed"))
            if done["status"]["phase"] != "Succeeded":
                raise SystemExit(f"the bare pod {name} failed")
            series.append((into, seconds))
            cluster.call("DELETE", f"{PODS}/{name}")
        if turn >= 0:
            for into, seconds in series:
                into.append(seconds)
    table.add("bare pod, same image, create to Succeeded", summary(bare))
    table.add("bare pod with hostUsers: false", summary(isolated))
    table.add("SandboxJob, create to Complete", summary(jobs))
    ratio = percentile(jobs, 50) / percentile(bare, 50)
    table.add("ratio SandboxJob / bare pod at p50", f"{ratio:.2f}", "<= 1.25", ratio <= 1.25)
    table.add("ratio SandboxJob / bare pod with hostUsers: false", f"{percentile(jobs, 50) / percentile(isolated, 50):.2f}")


def operator_memory(table, when):
    """Resident memory of the operator's processes: the nodes are containers of this machine, so their processes are seen here."""
    resident = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = open(f"/proc/{pid}/cmdline", "rb").read().split(b"\0")
            if words[0].endswith(b"/java") and b"@/opt/gabion/lib/operator.args" in words:
                status = open(f"/proc/{pid}/status").read()
                resident.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)
        except (OSError, IndexError):
            pass
    if not resident:
        table.add(f"operator RSS {when}", "not seen: its processes are not on this machine")
        return
    table.add(f"operator RSS {when}, each replica", ", ".join(f"{each:.0f} MB" for each in sorted(resident)), "<= 200 MB", max(resident) <= 200)


def versions(cluster):
    """Of each job, without the jobs themselves: a thousand of them are many megabytes."""
    listed = cluster.call("GET", JOBS, accept="application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
    return {each["metadata"]["name"]: each["metadata"]["resourceVersion"] for each in listed["items"]}


def many_finished(cluster, table, count, probes, settle):
    for number in range(count):
        name = f"finished-{number}"
        cluster.call("POST", JOBS, job(name, suspend=True))
        cluster.call("PATCH", f"{JOBS}/{name}/status", dict(status=finished.job_status(name)), finished.MERGE)
    previous, quiet = versions(cluster), 0
    while quiet < 3:  # until three looks in a row saw nothing change
        time.sleep(5)
        current = versions(cluster)
        quiet, previous = (quiet + 1 if current == previous else 0), current
    time.sleep(settle)
    current = versions(cluster)
    written = sum(current[name] != version for name, version in previous.items())
    table.add(f"{count} finished jobs: jobs written in {settle} s when settled", written, "0", written == 0)
    lags = []
    for number in range(probes):
        _, seconds = create_to_end(cluster, JOBS, job(f"probe-{number}", suspend=True), lambda o: "observedGeneration" in o.get("status", {}))
        lags.append(seconds)
    worst = percentile(lags, 99)
    table.add(f"{count} finished jobs: creation to first status", summary(lags), "p99 < 500 ms", worst < 0.5)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pairs", type=int, default=20)
    options.add_argument("--finished", type=int, default=1000)
    options.add_argument("--probes", type=int, default=100)
    options.add_argument("--settle", type=int, default=60)
    options.add_argument("--out", default=os.path.join(ROOT, "out/bench"))
    options = options.parse_args()
    cluster, table = Cluster(), Table("SandboxJobs on a three-node kind cluster, beside bare pods")
    where = f"/api/v1/namespaces/{NAMESPACE}"
    if cluster.call("GET", where, missing_ok=True):
        raise SystemExit(f"the namespace {NAMESPACE} exists: a benchmark is running, or kubectl delete namespace {NAMESPACE}")
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    cluster.call("POST", "/api/v1/namespaces", dict(metadata=dict(name=NAMESPACE, labels=labels)))
    try:
        operator_memory(table, "at the start")
        latency(cluster, table, options.pairs)
        many_finished(cluster, table, options.finished, options.probes, options.settle)
        operator_memory(table, "after all of it")
    finally:
        cluster.call("DELETE", where)
    table.save(options.out, "sandbox-cluster")


if __name__ == "__main__":
    main()
