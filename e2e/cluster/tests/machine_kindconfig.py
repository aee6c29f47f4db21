# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""What kind makes of our configuration for a node image that is not here: rendered by kind's own code, judged by kubeadm.

The stock image brings another Kubernetes than the one that is built here, and with it another version of kubeadm's API,
for which kind reads other patches.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from gabion_cluster import kindcluster, nodechoice, nodeimage, settings, tools
from gabion_cluster.shell import run

CONFIG = (settings.HERE / "kind.yaml").read_text()


class KindConfig(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        tools.build_all((*tools.MACHINE_TOOLS, "kubeadm"))
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.module = cls.folder / "kind"
        shutil.copytree(nodeimage.kind_module(), cls.module, copy_function=shutil.copyfile)
        for path in [cls.module, *cls.module.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        # Below pkg/cluster: kind's packages are internal to it.
        shutil.copytree(Path(__file__).with_name("kindconfig"), cls.module / "pkg/cluster/gabion")
        cls.program = cls.folder / "kindconfig"
        run("go", "build", "-mod=mod", "-o", cls.program, "./pkg/cluster/gabion", cwd=cls.module, env={"GOFLAGS": "", "GOWORK": "off"})

    def made(self, how: str, of: str | Path, config: str = CONFIG) -> str:
        return run(self.program, how, of, stdin=config.encode()).stdout

    def versions(self) -> tuple[str, str]:
        stock = nodechoice.stock_image(settings.home() / "bin" / "kind")
        return settings.versions()["KUBERNETES_VERSION"], re.search(r":(v[0-9.]+)@", stock)[1]

    def judged(self, text: str) -> subprocess.CompletedProcess:
        """By kubeadm, strictly: of its own version, which knows both versions of its API."""
        text = re.sub(r"(?m)^kubernetesVersion: .*$", f"kubernetesVersion: {settings.versions()['KUBERNETES_VERSION']}", text)
        file = self.folder / "kubeadm.conf"
        file.write_text(text.replace("metadata:\n  name: config\n", ""))
        return run(settings.home() / "bin/kubeadm", "config", "validate", "--config", file, check=False)

    def test_our_patches_are_in_what_both_images_get(self):
        for version in self.versions():
            with self.subTest(version):
                text = self.made("kubeadm", version)
                plugin = r"enable-admission-plugins(: |\n    value: )NodeRestriction,OwnerReferencesPermissionEnforcement\n"
                self.assertRegex(text, plugin)
                self.assertIn("runtime-config", text)  # kind's own arguments are kept
                kubelet = next(part for part in text.split("---\n") if "kind: KubeletConfiguration" in part)
                self.assertIn("failCgroupV1: false\n", kubelet)
                self.assertIn("oomScoreAdj: 0\n", kubelet)
                judgement = self.judged(text)
                self.assertEqual(judgement.returncode, 0, judgement.stderr)

    def test_kubeadm_would_refuse_a_field_that_it_does_not_know(self):
        text = self.made("kubeadm", self.versions()[1]).replace("certSANs:", "certSANz:")
        self.assertIn('unknown field "apiServer.certSANz"', self.judged(text).stderr)

    def test_a_stock_image_where_no_oom_score_may_be_lowered(self):
        base = self.module / "images/base/files/etc/containerd/config.toml"
        config = kindcluster.settings_for(CONFIG, "kindest/node:v1", {"CAP_SYS_RESOURCE"})
        self.assertIn("restrict_oom_score_adj = true", self.made("containerd", base, config))
        self.assertNotIn("restrict_oom_score_adj = true", self.made("containerd", base))
        # and nothing else is another
        self.assertEqual(self.made("kubeadm", self.versions()[1], config), self.made("kubeadm", self.versions()[1]))


if __name__ == "__main__":
    unittest.main()
