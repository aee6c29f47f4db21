#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Memory of the operator's process beside a local API server, no cluster needed:  memory.py [--jobs N] [--java=ARG]... [--detail]

etcd and kube-apiserver run on loopback. The operator runs with the arguments of its image and a class cache recorded
with them, watches the jobs and pods come (as a leader does), and is then started anew with all of them there."""
import argparse
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

import finished
from figures import Table, percentile, summary

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
HOME = os.environ.get("GABION_HOME", os.path.expanduser("~/.cache/gabion"))
APP = os.path.join(ROOT, "operator/controllers/target/quarkus-app")
GOLDEN_POD = os.path.join(ROOT, "operator/controllers/src/test/resources/golden/hello/out-Pod-hello-28312-1.yaml")
NAMESPACE = "memory"
JOBS = f"/apis/gabion.dev/v1alpha1/namespaces/{NAMESPACE}/sandboxjobs"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"

sys.path[:0] = [os.path.join(ROOT, "e2e/images"), os.path.join(ROOT, "e2e/cluster")]
from gabion_images import build  # noqa: E402


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """An API server with its etcd, and calls to it as its administrator."""

    def __init__(self, folder):
        self.folder, self.token, self.port = folder, secrets.token_hex(16), free_port()
        store, peer = f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}"
        self.write("tokens.csv", f'{self.token},admin,admin,"system:masters"\n')
        subprocess.run(["openssl", "genrsa", "-out", f"{folder}/sa.key", "2048"], check=True, capture_output=True)
        self.processes = [
            self.launch("etcd", f"--name=local --data-dir={folder}/etcd --listen-client-urls={store} --advertise-client-urls={store}"
                        f" --listen-peer-urls={peer} --initial-advertise-peer-urls={peer} --initial-cluster=local={peer}"
                        " --unsafe-no-fsync=true --log-level=warn"),
            self.launch("kube-apiserver", f"--etcd-servers={store} --bind-address=127.0.0.1 --advertise-address=127.0.0.1"
                        f" --secure-port={self.port} --cert-dir={folder}/certs --service-account-issuer=https://gabion.test"
                        f" --service-account-key-file={folder}/sa.key --service-account-signing-key-file={folder}/sa.key"
                        f" --service-cluster-ip-range=10.255.0.0/24 --token-auth-file={folder}/tokens.csv --authorization-mode=RBAC"
                        " --disable-admission-plugins=ServiceAccount --endpoint-reconciler-type=none --v=1"),
        ]  # fmt: skip
        self.connection = None
        deadline = time.time() + 60
        while not self.ready():
            if time.time() > deadline:
                raise SystemExit(f"the API server did not come up, see {folder}/kube-apiserver.log")
            time.sleep(0.3)
        self.write("kubeconfig", json.dumps(dict(
            apiVersion="v1", kind="Config", contexts=[dict(name="local", context=dict(cluster="local", user="admin"))],
            clusters=[dict(name="local", cluster={"server": f"https://127.0.0.1:{self.port}",
                                                  "certificate-authority": f"{folder}/certs/apiserver.crt"})],
            users=[dict(name="admin", user=dict(token=self.token))], **{"current-context": "local"})))  # fmt: skip

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as out:
            out.write(text)

    def launch(self, name, arguments):
        log = open(os.path.join(self.folder, name + ".log"), "w")
        return subprocess.Popen([os.path.join(HOME, "bin", name), *arguments.split()], stdout=log, stderr=log)

    def ready(self):
        try:
            if self.connection is None:
                tls = ssl.create_default_context(cafile=f"{self.folder}/certs/apiserver.crt")
                self.connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=tls, timeout=30)
            return self.raw("GET", "/readyz")[0] == 200 and self.raw("GET", "/api/v1/namespaces/default")[0] == 200
        except (OSError, http.client.HTTPException):
            self.connection = None
            return False

    def raw(self, method, path, body=None, kind="application/json"):
        data = None if body is None else json.dumps(body)
        self.connection.request(method, path, data, {"Content-Type": kind, "Authorization": f"Bearer {self.token}"})
        response = self.connection.getresponse()
        return response.status, response.read()

    def call(self, method, path, body=None, kind="application/json"):
        status, text = self.raw(method, path, body, kind)
        if status >= 300:
            raise SystemExit(f"{method} {path}: {status} {text[:600].decode(errors='replace')}")
        return json.loads(text)

    def kubectl(self, *words):
        command = [os.path.join(HOME, "bin/kubectl"), "--kubeconfig", f"{self.folder}/kubeconfig", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def seed(server, count):
    pod = json.loads(server.kubectl("create", "--dry-run=client", "--validate=false", "-o", "json", "-f", GOLDEN_POD))
    spec = dict(runtime="python", suspend=True, source=dict(inline=[dict(name="main.py", content=finished.SOURCE)]))
    for number in range(count):
        name = f"finished-{number}"
        kind = dict(apiVersion="gabion.dev/v1alpha1", kind="SandboxJob")
        uid = server.call("POST", JOBS, dict(kind, metadata=dict(name=name, namespace=NAMESPACE), spec=spec))["metadata"]["uid"]
        meta = dict(
            name=f"{name}-1",
            namespace=NAMESPACE,
            labels=dict(pod["metadata"]["labels"], **{"gabion.dev/job": name}),
            ownerReferences=[dict(pod["metadata"]["ownerReferences"][0], name=name, uid=uid)],
        )
        made = server.call("POST", PODS, dict(pod, metadata=meta, spec=dict(pod["spec"], nodeName="node-1")))
        status = finished.job_status(name, made["metadata"]["uid"])
        server.call("PATCH", f"{JOBS}/{name}/status", dict(status=status), finished.MERGE)
        server.call("PATCH", f"{PODS}/{name}-1/status", dict(status=finished.pod_status(uid)), finished.MERGE)


class Operator:
    """The packaged operator as a process."""

    def __init__(self, server, java, arguments, more=(), env=()):
        self.port = free_port()
        variables = dict(
            os.environ, KUBECONFIG=f"{server.folder}/kubeconfig", POD_NAMESPACE=NAMESPACE, POD_NAME="operator-1", QUARKUS_HTTP_PORT=str(self.port),
            QUARKUS_HTTP_HOST="127.0.0.1", **dict(env))  # fmt: skip
        self.log = open(os.path.join(server.folder, "operator.log"), "a")
        self.process = subprocess.Popen([java, *more, *arguments], env=variables, stdout=self.log, stderr=self.log)

    def await_ready(self):
        deadline = time.time() + 90
        while time.time() < deadline and self.process.poll() is None:
            try:
                probe = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                probe.request("GET", "/q/health/ready")
                if probe.getresponse().status == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.2)
        raise SystemExit(f"the operator did not become ready, see {self.log.name}")

    def memory(self):
        """Resident, of it anonymous, in MB."""
        rollup = open(f"/proc/{self.process.pid}/smaps_rollup").read()
        of = {key: int(value) / 1024 for key, value in re.findall(r"^(\w+):\s+(\d+) kB", rollup, re.M)}
        return of["Rss"], of["Anonymous"]

    def cpu(self):
        words = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def await_quiet(self, least=45):
        """Until it has used next to no CPU for some seconds: more than it takes to give memory back (IdleHeap)."""
        before, quiet = self.cpu(), 0
        while quiet < least:
            time.sleep(1)
            current = self.cpu()
            quiet = quiet + 1 if current - before < 0.1 else 0
            before = current

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


def lag(server, table, count):
    """How long a new job waits for its first status, and whether anything finished was written meanwhile."""

    def versions():
        listed = server.call("GET", JOBS)["items"]
        return {each["metadata"]["name"]: each["metadata"]["resourceVersion"] for each in listed if each["metadata"]["name"].startswith("finished-")}

    server.connection.close()  # the server has given it up by now; the next call opens another
    before, waits = versions(), []
    for number in range(100):
        began = time.perf_counter()
        name = f"probe-{number}"
        spec = dict(runtime="python", suspend=True, source=dict(inline=[dict(name="main.py", content=finished.SOURCE)]))
        server.call("POST", JOBS, dict(apiVersion="gabion.dev/v1alpha1", kind="SandboxJob", metadata=dict(name=name, namespace=NAMESPACE), spec=spec))
        while "observedGeneration" not in server.call("GET", f"{JOBS}/{name}").get("status", {}):
            if time.perf_counter() > began + 60:
                raise SystemExit(f"{name} got no status within 60 s")
        waits.append(time.perf_counter() - began)
    table.add(f"{count} finished jobs: creation to first status", summary(waits), "p99 < 500 ms", percentile(waits, 99) < 0.5)
    written = sum(version != before[name] for name, version in versions().items())
    table.add("of them written meanwhile", written, "0", written == 0)


def jcmd(java, process, *words):
    tool = str(build.find_jdk() / "bin/jcmd")  # the image's JVM has none
    return subprocess.run([tool, str(process.pid), *words], capture_output=True, text=True).stdout


def detail(java, process, folder, name):
    """Where the memory is: by mapping, by the JVM's own account, by class."""
    with open(os.path.join(folder, f"memory-{name}.txt"), "w") as out:
        mappings = {}
        for line in open(f"/proc/{process.pid}/smaps"):
            words = line.split()
            if re.match(r"^[0-9a-f]+-[0-9a-f]+$", words[0]):
                key = words[5] if len(words) > 5 else "anonymous"
            elif words[0] in ("Rss:", "Private_Dirty:"):
                mappings.setdefault(key, {}).setdefault(words[0], 0)
                mappings[key][words[0]] += int(words[1])
        for key, sizes in sorted(mappings.items(), key=lambda each: -each[1]["Rss:"])[:12]:
            out.write(f"{sizes['Rss:']:9d} kB, dirty {sizes['Private_Dirty:']:9d} kB  {key}\n")
        for words in (("GC.heap_info",), ("VM.native_memory", "summary"), ("VM.metaspace", "basic"), ("Compiler.codecache",),
                      ("GC.class_histogram",), ("GC.heap_info",)):  # fmt: skip
            out.write(f"\n== {' '.join(words)}\n" + "\n".join(jcmd(java, process, *words).splitlines()[:90]) + "\n")


def record(server, java, arguments, cache):
    operator = Operator(server, java, [word for word in arguments if not word.startswith("-XX:AOTCache=")], [f"-XX:AOTCacheOutput={cache}"],
                        build.OPERATOR_TRAINING.env)  # fmt: skip
    deadline = time.time() + 120
    while "Installed features" not in open(operator.log.name).read():
        if time.time() > deadline:
            raise SystemExit(f"the training run did not start, see {operator.log.name}")
        time.sleep(0.3)
    operator.process.send_signal(signal.SIGTERM)
    operator.process.wait(120)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--jobs", type=int, default=1000)
    options.add_argument("--java", action="append", default=[], help="one more argument for the JVM; may be repeated")
    options.add_argument("--env", action="append", default=[], help="one more variable, NAME=VALUE; may be repeated")
    options.add_argument("--jre", help="a JVM other than the build's, such as the image's")
    options.add_argument("--no-class-cache", action="store_true", help="without the AOT cache")
    options.add_argument("--detail", action="store_true", help="write where the memory is to files beside the table")
    options.add_argument("--name", default="operator-memory")
    options.add_argument("--out", default=os.path.join(ROOT, "out/bench"))
    options = options.parse_args()
    if not os.path.exists(f"{APP}/quarkus-run.jar"):
        raise SystemExit("the operator is not built; run: make images-programs")
    if not shutil.which("openssl"):
        raise SystemExit("openssl is missing; install it with: apt-get install openssl")
    java = os.path.join(options.jre or build.find_jdk(), "bin/java")
    env = [pair.split("=", 1) for pair in options.env]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started ends with this
    folder, table = tempfile.mkdtemp(prefix="gabion-memory-"), Table(f"Memory of the operator's process, {options.jobs} finished jobs")
    os.makedirs(options.out, exist_ok=True)
    server = operator = None
    try:
        server = Server(folder)
        server.kubectl("apply", "--server-side", "-f", f"{ROOT}/crds/sandboxjobs.gabion.dev.yaml", "-f", f"{ROOT}/crds/sandboxruntimes.gabion.dev.yaml")
        server.kubectl("wait", "--for=condition=Established", "crd", "--all")
        server.call("POST", "/api/v1/namespaces", dict(metadata=dict(name=NAMESPACE)))
        cache = f"{folder}/operator.aot"
        arguments = [f"-XX:AOTCache={cache}" if word.startswith("-XX:AOTCache=") else word.replace("/opt/gabion/app", APP)
                     for word in build.OPERATOR_ARGUMENTS]  # fmt: skip
        arguments[-2:-2] = options.java
        if options.no_class_cache:
            arguments = [word for word in arguments if not word.startswith("-XX:AOTCache=")]
        if options.detail:
            arguments = ["-XX:NativeMemoryTracking=summary", *arguments]
        if not options.no_class_cache:
            record(server, java, arguments, cache)

        def measured(what, name):
            operator.await_quiet()
            resident, anonymous = operator.memory()
            table.add(what, f"{resident:.0f} MB, of it {anonymous:.0f} anonymous", "<= 200 MB", resident <= 200)
            if options.detail:
                detail(java, operator.process, options.out, f"{options.name}-{name}")

        operator = Operator(server, java, arguments, env=env).await_ready()
        measured("RSS, started in an empty cluster", "empty")
        seed(server, options.jobs)
        measured("RSS of the leader that saw them come", "grown")
        operator.stop()
        operator = Operator(server, java, arguments, env=env).await_ready()
        measured("RSS, started with all of them there", "restarted")
        lag(server, table, options.jobs)
        operator.stop()
        operator = None
    finally:
        if operator:
            operator.process.kill()
        if server:
            shutil.copy(f"{folder}/operator.log", os.path.join(options.out, f"{options.name}.log"))
            server.close()
        shutil.rmtree(folder, ignore_errors=True)
    table.save(options.out, options.name)


if __name__ == "__main__":
    main()
