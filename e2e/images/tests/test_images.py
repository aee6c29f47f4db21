# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
from __future__ import annotations

import io
import json
import os
import sys
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2] / "cluster")]

from gabion_cluster.shell import Refusal  # noqa: E402
from gabion_images import build, catalogue, debian, layers, sbom  # noqa: E402
from gabion_images.debian import Package  # noqa: E402

LOCKS = Path(__file__).resolve().parents[1] / "locks"


def package(name: str, version: str = "1", sha256: str = "a" * 64) -> Package:
    return Package(name, version, "amd64", sha256, 10, "debian", f"pool/{name}.deb")


class Locks(unittest.TestCase):
    def test_each_image_is_locked_for_each_architecture_with_all_it_asks_for(self):
        for arch in catalogue.ARCHITECTURES:
            base = debian.parse_lock((LOCKS / f"base.{arch}.lock").read_text(), "base")
            for name in debian.lock_names():
                with self.subTest(f"{name} {arch}"):
                    locked = debian.parse_lock((LOCKS / f"{name}.{arch}.lock").read_text(), name)
                    names = {package.name for package in locked}
                    self.assertLessEqual(set(debian.wanted_of(name)[0]), names)
                    self.assertEqual(len(names), len(locked))
                    self.assertLessEqual({package.arch for package in locked}, {arch, "all"})
                    # what the base layer brings is left out of the layers above: it has to be the same there
                    self.assertLessEqual(set(base), set(locked))
                    _, kept = debian.wanted_of(name)
                    self.assertFalse(names & (catalogue.EXCLUDED - set(kept)))

    def test_a_lock_reads_back_as_written(self):
        packages = [package("b"), package("a")]
        self.assertEqual(debian.parse_lock(debian.render_lock(packages), "x"), sorted(packages))

    def test_a_broken_line_is_refused_with_its_number(self):
        for line in ("a 1 amd64", "a 1 amd64 zz 1 debian p", f"a 1 amd64 {'a' * 64} many debian p"):
            with self.subTest(line), self.assertRaisesRegex(Refusal, "mine line 2: expected"):
                debian.parse_lock(f"# x\n{line}\n", "mine")

    def test_a_difference_names_each_change(self):
        old = [package("gone"), package("same"), package("newer", "1"), package("other")]
        new = [package("same"), package("newer", "2"), package("other", sha256="b" * 64), package("come")]
        self.assertEqual(
            debian.difference(old, new),
            ["+ come 1", "- gone 1", "  newer 1 -> 2", "! other 1: same version, other content"],
        )


class AgedLocks(unittest.TestCase):
    """What happens when Debian serves a locked version no more."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.locks = Path(folder.name)
        for name in debian.lock_names():
            (self.locks / f"{name}.amd64.lock").write_text(debian.render_lock([package("dash", "1")]))
        said = mock.patch.object(debian, "say")
        self.said = said.start()
        self.addCleanup(said.stop)

    def archive(self, gone: set[str]):
        fresh = package("dash", "2", "b" * 64)
        fake = mock.Mock()
        fake.fetch = lambda packages: [p for p in packages if p.version in gone]
        fake.resolve = lambda wanted, keep: [fresh]
        return mock.patch.object(debian, "Archive", return_value=fake)

    def test_nothing_is_resolved_while_all_is_served(self):
        with self.archive(set()):
            found = debian.locked(Path("/nowhere"), self.locks, "amd64")
        self.assertEqual(found["base"], [package("dash", "1")])
        self.said.assert_not_called()

    def test_a_fresh_set_is_taken_and_the_difference_is_shown(self):
        with self.archive({"1"}):
            found = debian.locked(Path("/nowhere"), self.locks, "amd64")
        self.assertEqual({p.version for packages in found.values() for p in packages}, {"2"})
        text = "\n".join(call.args[0] for call in self.said.call_args_list)
        self.assertIn("dash 1 -> 2", text)
        self.assertIn("make images-lock", text)

    def test_strict_refuses(self):
        with self.archive({"1"}), mock.patch.dict(os.environ, GABION_IMAGES_LOCKED="strict"):
            with self.assertRaisesRegex(Refusal, "serves no more: dash 1"):
                debian.locked(Path("/nowhere"), self.locks, "amd64")

    def test_what_is_listed_but_not_served_is_an_error(self):
        with self.archive({"1", "2"}), self.assertRaisesRegex(Refusal, "lists but does not serve: dash"):
            debian.locked(Path("/nowhere"), self.locks, "amd64")


class Packing(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def tree(self, name: str, order: list[str]) -> Path:
        root = self.folder / name
        (root / "d").mkdir(parents=True)
        for file in order:
            (root / file).write_text(file)
        (root / "link").symlink_to("d")
        (root / "d/suid").write_text("x")
        (root / "d/suid").chmod(0o4755)
        os.link(root / "d/suid", root / "d/twin")
        return root

    def test_the_same_content_gives_the_same_bytes(self):
        one, two = self.tree("one", ["a", "b", "d/c"]), self.tree("two", ["d/c", "b", "a"])
        os.utime(two / "a", (1, 1))
        layers.pack(one, self.folder / "1.tar")
        layers.pack(two, self.folder / "2.tar")
        self.assertEqual((self.folder / "1.tar").read_bytes(), (self.folder / "2.tar").read_bytes())

    def test_owners_times_and_rights(self):
        size = layers.pack(self.tree("one", ["a"]), self.folder / "1.tar")
        with tarfile.open(self.folder / "1.tar") as tar:
            members = {member.name: member for member in tar}
        self.assertEqual(size, 2)
        self.assertEqual({(m.uid, m.gid, m.mtime) for m in members.values()}, {(0, 0, layers.MTIME)})
        self.assertEqual(members["d/suid"].mode, 0o755)
        self.assertTrue(members["d/twin"].islnk())
        self.assertEqual(members["link"].linkname, "d")
        self.assertEqual(list(members), sorted(members))

    def test_a_pipe_cannot_be_in_an_image(self):
        root = self.folder / "r"
        root.mkdir()
        os.mkfifo(root / "pipe")
        with self.assertRaisesRegex(ValueError, "neither file, folder nor link"):
            layers.pack(root, self.folder / "x.tar")

    def test_a_store_finds_by_inputs_and_prunes_what_is_not_used(self):
        store = layers.Store(self.folder / "store")
        kept = store.put("base", "k1", self.tree("one", ["a"]))
        store.put("base", "k2", self.tree("two", ["b"]))
        self.assertEqual(layers.Store(self.folder / "store").find("base", "k1"), kept)
        again = layers.Store(self.folder / "store")
        again.find("base", "k1")
        again.prune()
        self.assertEqual({path.stem for path in (self.folder / "store").iterdir()}, {"base-k1"})

    def test_an_archive_holds_shared_layers_once_and_names_both_ways(self):
        store = layers.Store(self.folder / "store")
        layer = store.put("base", "k1", self.tree("one", ["a"]))
        images = [layers.Built(f"localhost/x/{n}:1", layers.encode({"n": n}), (layer,)) for n in ("a", "b")]
        out = io.BytesIO()
        layers.write_archive(out, images, store)
        with tarfile.open(fileobj=io.BytesIO(out.getvalue())) as tar:
            names = tar.getnames()
            index = json.load(tar.extractfile("index.json"))
            older = json.load(tar.extractfile("manifest.json"))
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(names.count(f"blobs/sha256/{layer.diff_id[7:]}"), 1)
        self.assertEqual(
            [m["annotations"]["io.containerd.image.name"] for m in index["manifests"]], ["localhost/x/a:1", "localhost/x/b:1"]
        )
        self.assertEqual([entry["RepoTags"] for entry in older], [["localhost/x/a:1"], ["localhost/x/b:1"]])

    def test_later_parts_win_in_a_merge(self):
        one, two, target = self.folder / "one", self.folder / "two", self.folder / "target"
        for root, text in ((one, "1"), (two, "2")):
            root.mkdir()
            (root / "f").write_text(text)
        target.mkdir()
        layers.merge([one, two], target)
        self.assertEqual((target / "f").read_text(), "2")


class Contents(unittest.TestCase):
    def test_licences_stay_and_the_rest_of_the_documentation_goes(self):
        for name, dropped in (
            ("usr/share/doc/dash/copyright", False),
            ("usr/share/doc/dash/changelog.gz", True),
            ("usr/share/man/man1/dash.1.gz", True),
            ("usr/share/zoneinfo/Europe/Berlin", False),
            ("usr/lib/python3.13/json/__init__.py", False),
            ("etc/cron.daily/x", True),
        ):
            self.assertEqual(build.DROPPED.fullmatch(name) is not None, dropped, name)

    def test_a_link_is_made_only_where_its_target_is(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "usr/bin").mkdir(parents=True)
            (root / "usr/bin/gcc").write_text("")
            build.link(root, (("usr/bin/cc", "gcc"), ("usr/bin/awk", "mawk")))
            self.assertTrue((root / "usr/bin/cc").is_symlink())
            self.assertFalse((root / "usr/bin/awk").is_symlink())

    def test_the_class_path_is_in_a_fixed_order(self):
        files = {f"lib/{n}.jar": Path(n) for n in ("b", "a")} | {"bin/runner": Path("r")}
        self.assertEqual(build.runner_arguments(files)[-2:], ["-cp", "/opt/gabion/lib/a.jar:/opt/gabion/lib/b.jar"])

    def test_the_jvms_options_stand_in_a_file_with_remarks(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "jvm.options"
            file.write_text("# why\n-Xmx1m\n\n-Xms1m # less\n")
            self.assertEqual(build.options_of(file), ["-Xmx1m", "-Xms1m"])
        self.assertIn("-Xmx128m", build.OPERATOR_ARGUMENTS)


class BillOfMaterials(unittest.TestCase):
    def jar(self, folder: str, name: str, poms: int) -> Path:
        path = Path(folder, name)
        with zipfile.ZipFile(path, "w") as archive:
            for number in range(poms):
                archive.writestr(f"META-INF/maven/g/{number}/pom.properties", f"groupId=g\nartifactId=a{number}\nversion=2\n")
        return path

    def test_jars_are_named_by_their_own_coordinates_or_by_their_file(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(sbom.coordinates(self.jar(folder, "x.jar", 1)), ("g", "a0", "2"))
            self.assertEqual(sbom.coordinates(self.jar(folder, "io.x.y-core-1.2.3.Final.jar", 0)), ("", "io.x.y-core", "1.2.3.Final"))
            # a shaded jar has many: none of them is its own for sure
            self.assertEqual(sbom.coordinates(self.jar(folder, "shaded-9.jar", 2)), ("", "shaded", "9"))

    def test_the_document_is_complete_and_the_same_each_time(self):
        with tempfile.TemporaryDirectory() as folder:
            jars = [self.jar(folder, "x.jar", 1)]
            packages = [package("libx", "1:2+b1")]
            one, two = (sbom.document("localhost/x:1", packages, "s", {"JAVA_RUNTIME_VERSION": "25+1"}, jars) for _ in range(2))
        self.assertEqual(one, two)
        self.assertEqual([part["name"] for part in one["packages"]], ["localhost/x:1", "libx", "java-runtime", "g:a0"])
        self.assertEqual(one["packages"][1]["externalRefs"][0]["referenceLocator"], "pkg:deb/debian/libx@1%3A2%2Bb1?arch=amd64&distro=s")
        idents = [part["SPDXID"] for part in one["packages"]]
        self.assertEqual(len(idents), len(set(idents)))
        self.assertEqual({r["relatedSpdxElement"] for r in one["relationships"]}, set(idents[1:]))


if __name__ == "__main__":
    unittest.main()
