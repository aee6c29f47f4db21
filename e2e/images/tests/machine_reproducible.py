# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""The same inputs give the same digests: images are made a second time, from nothing, and compared layer by layer.

The exception are the AOT caches (runner-aot, operator-aot): the JVM writes addresses and times into them. They are layers
of their own for that reason, taken over here from the first build; all else, the image's digest included, must be equal.

By default a part of the images that changes from day to day, so that a test run stays short; REPRODUCIBLE=all takes all
of them, and builds the programs that go into them a second time as well, in another folder (make images-reproducible).
There one file is known to differ: Quarkus writes what its build steps record in the order in which its threads ended.
"""

from __future__ import annotations

import datetime
import os
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2] / "cluster")]

from gabion_cluster import settings  # noqa: E402
from gabion_cluster.shell import exclusive, run, say, step  # noqa: E402
from gabion_images import build, catalogue  # noqa: E402
from gabion_images.layers import Layer, Store, file_digest  # noqa: E402

ALL = os.environ.get("REPRODUCIBLE") == "all"
AOT = {"runner-aot", "operator-aot"}
ORDER_OF_THREADS = "operator/controllers/target/quarkus-app/quarkus/generated-bytecode.jar"
# One takes as long as all others together.
LONG = "runner-python-scientific"
SAMPLES = (tuple(image.name for image in catalogue.IMAGES if image.name != LONG), ("operator", LONG))


class Anew(Store):
    """An empty store that takes over what cannot be the same twice."""

    def __init__(self, folder: Path, first: Store):
        super().__init__(folder)
        self.first = first

    def find(self, name: str, key: str) -> Layer | None:
        return self.first.find(name, key) if name in AOT else super().find(name, key)


class Reproducible(unittest.TestCase):
    def test_images_made_a_second_time_are_the_same(self):
        day = datetime.date.today().toordinal()
        names = [image.name for image in catalogue.IMAGES] if ALL else list(SAMPLES[day % len(SAMPLES)])
        say(f"  made a second time: {', '.join(names)}{'' if ALL else ' (all: make images-reproducible)'}")
        with exclusive(settings.home() / "images.lock"), tempfile.TemporaryDirectory() as folder:
            first = build.Builder(settings.home())
            expected = first.build_all(names)
            again = build.Builder(settings.home())
            again.store = Anew(Path(folder), first.store)
            found = again.build_all(names)
            made = {path.name.rsplit("-", 1)[0] for path in Path(folder).glob("*.tar")}
        layers = {layer.name for image in expected for layer in image.layers}
        self.assertEqual({name for name in layers if name not in made}, AOT & layers, "layers that were not made again")
        for one, two in zip(expected, found, strict=True):
            with self.subTest(one.reference):
                self.assertEqual([(la.name, la.diff_id) for la in one.layers], [(la.name, la.diff_id) for la in two.layers])
                self.assertEqual(one.digest, two.digest)

    @unittest.skipUnless(ALL, "takes a whole build by Maven: make images-reproducible")
    def test_programs_built_in_another_folder_are_the_same(self):
        with tempfile.TemporaryDirectory(prefix="gabion-elsewhere-") as folder:
            elsewhere = Path(folder, "a-longer-name-than-here")
            listed = run("git", "-C", build.ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z").stdout
            for name in filter(None, listed.split("\0")):
                if (build.ROOT / name).exists():
                    target = elsewhere / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(build.ROOT / name, target, follow_symlinks=False)
            with step(f"building the programs in {elsewhere}"):
                run(elsewhere / "e2e/images/programs.sh", timeout=900)
            files = {**build.runner_files(), **build.operator_files()}
            places = sorted(file.relative_to(build.ROOT) for file in files.values())
            different = [str(p) for p in places if digest_or_none(build.ROOT / p) != digest_or_none(elsewhere / p)]
        say(f"  compared {len(places)} files of the programs")
        self.assertEqual([place for place in different if place != ORDER_OF_THREADS], [])


def digest_or_none(file: Path) -> str | None:
    return file_digest(file) if file.exists() else None


if __name__ == "__main__":
    unittest.main()
