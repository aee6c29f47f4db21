#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""operator.networkPolicy.apiServer=Discovered, rendered against a played API server: discovered.py HELM CHART

The server knows what helm's lookup asks: which kinds there are, the EndpointSlices and the Service of `kubernetes`.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HELM, CHART = sys.argv[1:]


def api_slice(name, service, addresses, kind="IPv4", ports=(6443,)):
    return {
        "metadata": {"name": name, "namespace": "default", "labels": {"kubernetes.io/service-name": service}},
        "addressType": kind,
        "endpoints": [{"addresses": [address]} for address in addresses],
        "ports": [{"name": "https", "port": port, "protocol": "TCP"} for port in ports],
    }


def answers(slices, cluster_ips):
    resource = {"namespaced": True, "verbs": ["get", "list"]}
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "kubernetes", "namespace": "default"},
        "spec": {"clusterIPs": cluster_ips, "ports": [{"port": 443, "protocol": "TCP"}]},
    }
    return {
        "/api/v1": {
            "kind": "APIResourceList",
            "groupVersion": "v1",
            "resources": [{"name": "services", "kind": "Service", **resource}],
        },
        "/apis/discovery.k8s.io/v1": {
            "kind": "APIResourceList",
            "groupVersion": "discovery.k8s.io/v1",
            "resources": [{"name": "endpointslices", "kind": "EndpointSlice", **resource}],
        },
        "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices": {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSliceList",
            "metadata": {},
            "items": [{"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", **item} for item in slices],
        },
        "/api/v1/namespaces/default/services/kubernetes": service,
    }


def render(known):
    class Played(BaseHTTPRequestHandler):
        def do_GET(self):
            body = known.get(self.path.split("?")[0])
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body or {"kind": "Status", "apiVersion": "v1", "code": 404}).encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Played) as server, tempfile.TemporaryDirectory() as folder:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        config = pathlib.Path(folder, "kubeconfig")
        config.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "played",
                    "clusters": [{"name": "played", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
                    "contexts": [{"name": "played", "context": {"cluster": "played", "user": "nobody"}}],
                    "users": [{"name": "nobody", "user": {}}],
                }
            )
        )
        done = subprocess.run(
            [HELM, "template", "gabion", CHART, "--namespace=gabion-system", "--kube-version=1.34.3", "--dry-run=server",
             "--kubeconfig", config, "--set=operator.networkPolicy.apiServer=Discovered",
             "--show-only=templates/operator/networkpolicy.yaml"],
            capture_output=True, text=True, timeout=60, env={"PATH": "/usr/bin:/bin", "HOME": folder, "NO_PROXY": "*"},
        )  # fmt: skip
        server.shutdown()
        return done.stdout + done.stderr


def egress(text):
    """Ports and addresses of the rules before the one for DNS, in order."""
    rules = text.split("  egress:\n")[1].split("    - ports:\n")[1:-1]
    words = [[line.split(": ")[1] for line in rule.splitlines() if "port: " in line or "cidr: " in line] for rule in rules]
    return words


other = api_slice("web", "web", ["10.244.1.9"], ports=(8080,))
one = [api_slice("kubernetes", "kubernetes", ["192.0.2.10"]), other]
three = [
    api_slice("kubernetes", "kubernetes", ["192.0.2.12", "192.0.2.10", "192.0.2.11"]),
    api_slice("kubernetes-6", "kubernetes", ["2001:db8::10"], kind="IPv6", ports=(6444,)),
]
checks = [
    ("one address", egress, one, ["10.96.0.1"], [["6443", "192.0.2.10/32"], ["443", "10.96.0.1/32"]]),
    ("two families", egress, three, ["10.96.0.1", "fd00::1"], [
        ["6443", "192.0.2.10/32", "192.0.2.11/32", "192.0.2.12/32"], ["6444", "2001:db8::10/128"],
        ["443", "10.96.0.1/32", "fd00::1/128"]]),
    ("no endpoints", lambda text: "helm sees no endpoints of default/kubernetes" in text, [other], ["10.96.0.1"], True),
]  # fmt: skip
failed = 0
for name, read, slices, cluster_ips, expected in checks:
    text = render(answers(slices, cluster_ips))
    try:
        found = read(text)
    except IndexError:
        found = text
    if found != expected:
        failed += 1
        print(f"discovered: {name}: expected {expected}, found {found}")
sys.exit(1 if failed else 0)
