# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
from __future__ import annotations

import contextlib
import io
import re
import tempfile
import unittest
from pathlib import Path

from gabion_cluster import settings, tools
from gabion_cluster.shell import Refusal

TOOLS = settings.HERE / "tools"


class Versions(unittest.TestCase):
    def test_a_line_that_is_no_assignment_is_refused_with_its_number(self):
        for text in ("A=1\nB", "A='1'", "a b=1", "A=$B"):
            with self.subTest(text), self.assertRaisesRegex(Refusal, r"line \d: expected KEY=VALUE"):
                settings.parse_env(text)

    def test_comments_and_empty_lines_are_passed_over(self):
        self.assertEqual(settings.parse_env("# x\n\nA=1\n"), {"A": "1"})

    def test_go_modules_say_the_versions_of_the_one_file(self):
        expected = {
            "kubernetes": ("k8s.io/kubernetes", "KUBERNETES_VERSION"),
            "etcd": ("go.etcd.io/etcd/server/v3", "ETCD_VERSION"),
            "coredns": ("github.com/coredns/coredns", "COREDNS_VERSION"),
            "containerd": ("github.com/containerd/containerd/v2", "CONTAINERD_VERSION"),
            "runc": ("github.com/opencontainers/runc", "RUNC_VERSION"),
            "cni": ("github.com/containernetworking/plugins", "CNI_PLUGINS_VERSION"),
            "local-path-provisioner": ("github.com/rancher/local-path-provisioner", "LOCAL_PATH_PROVISIONER_VERSION"),
            "kind": ("sigs.k8s.io/kind", "KIND_VERSION"),
            "helm": ("helm.sh/helm/v3", "HELM_VERSION"),
        }
        # gVisor is put on a running node, if at all: its version is no part of the node image.
        self.assertEqual({path.name for path in TOOLS.iterdir()} - {"gvisor"}, set(expected))
        for folder, (module, key) in expected.items():
            text = (TOOLS / folder / "go.mod").read_text()
            found = re.search(rf"^\s*(?:require )?{re.escape(module)} (v\S+)$", text, re.MULTILINE)
            self.assertEqual(found[1], settings.versions()[key], folder)


class Tools(unittest.TestCase):
    def test_every_program_is_imported_by_its_module_so_that_tidy_keeps_what_it_needs(self):
        for tool in tools.catalogue(settings.versions()):
            with self.subTest(tool.name):
                self.assertIn(f'"{tool.package}"', (TOOLS / tool.module / "tools.go").read_text())

    def test_names_are_unique_and_the_machines_tools_are_among_them(self):
        names = [tool.name for tool in tools.catalogue(settings.versions())]
        self.assertEqual(len(names), len(set(names)))
        self.assertLessEqual(set(tools.MACHINE_TOOLS), set(names))

    def test_a_key_depends_on_flags_compiler_and_architecture(self):
        tool = tools.Tool("runc", "runc", "p")
        other = tools.Tool("runc", "runc", "p", tags="seccomp")
        keys = {
            tools.key(tool, "go1.26.1", "amd64"),
            tools.key(tool, "go1.26.2", "amd64"),
            tools.key(tool, "go1.26.1", "arm64"),
            tools.key(other, "go1.26.1", "amd64"),
        }
        self.assertEqual(len(keys), 4)

    def test_pruning_takes_older_versions_of_that_thing_alone(self):
        current, old = "0" * 16, "1" * 16
        names = [f"tool-containerd-{old}", f"tool-containerd-{current}", f"tool-containerd-shim-runc-v2-{old}",
                 f".tool-containerd-{old}.new", "tool-containerd-notes"]  # fmt: skip
        self.assertEqual(tools.stale("tool-containerd-", current, names), [f"tool-containerd-{old}"])
        self.assertEqual(tools.stale("node-image-", current, [f"node-image-{old}.tar"]), [f"node-image-{old}.tar"])

    def test_a_link_is_replaced_in_place(self):
        with tempfile.TemporaryDirectory() as folder:
            store, bin_dir = Path(folder, "store"), Path(folder, "bin")
            bin_dir.mkdir()
            for key in ("a" * 16, "b" * 16):
                (store / f"tool-x-{key}").mkdir(parents=True)
                (store / f"tool-x-{key}" / "x").write_text(key)
                tools.link(bin_dir, store, "x", key)
                self.assertEqual((bin_dir / "x").read_text(), key)

    def test_without_go_the_machines_own_programs_are_taken(self):
        no_go = Refusal("Go 1.26 is needed")
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as said:
            bin_dir, installed = Path(folder, "home/bin"), Path(folder, "usr/bin")
            installed.mkdir(parents=True)

            def install(*names):
                for name in names:
                    (installed / name).write_text("#!/bin/sh\n")
                    (installed / name).chmod(0o755)

            install("kubectl", "helm")
            # What is below bin/ itself must not be found there and then point to itself.
            path = f"{bin_dir}:{installed}"
            with self.assertRaisesRegex(Refusal, "Go 1.26 is needed. Without it these have to be installed: kind$"):
                tools.adopt(bin_dir, path, no_go)
            install("kind")
            for _ in range(2):
                tools.adopt(bin_dir, path, no_go)
                self.assertEqual((bin_dir / "kind").resolve(), (installed / "kind").resolve())
            self.assertFalse((bin_dir / "etcd").exists())
        self.assertIn("needed by the tests against an API server: kube-apiserver, etcd", said.getvalue())

    def test_kubernetes_programs_know_their_version(self):
        flags = tools.kubernetes_ldflags("v1.34.3")
        self.assertIn("gitMajor=1 ", flags)
        self.assertIn("gitMinor=34 ", flags)
        self.assertTrue(flags.endswith("client-go/pkg/version.gitVersion=v1.34.3"))

    def test_helm_renders_for_the_clusters_kubernetes(self):
        flags = tools.helm_ldflags("v3.19.2", "v1.34.3")
        self.assertIn("-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=34", flags)
        self.assertIn("version.version=v3.19.2 ", flags)


if __name__ == "__main__":
    unittest.main()
