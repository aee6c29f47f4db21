# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""build | load | push | save | lock: what `make images*` calls."""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import re
import subprocess
import time
from pathlib import Path

from gabion_cluster import engine, settings
from gabion_cluster.kindcluster import Cluster
from gabion_cluster.shell import Refusal, exclusive, fail, run, say, step
from gabion_images import catalogue, debian
from gabion_images.build import FILES, Builder
from gabion_images.layers import Built, Store, write_archive

REGISTRY = re.compile(r"[a-z0-9][a-z0-9.:/_-]*[a-z0-9]")  # as the chart's image.registry
MARKS = "/var/lib/gabion/images"  # on each node: NAME holds the digest that was loaded


def build(arguments: argparse.Namespace) -> None:
    show(Builder(settings.home()).build_all(arguments.names))


def show(images: list[Built]) -> None:
    targets = {image.reference: image.target_bytes for image in catalogue.IMAGES}
    shared: set[str] = set()
    say(f"  {'image':<45} {'unpacked':>9}  {'of it AOT':>9}  {'new here':>9}  digest")
    over = []
    for image in images:
        aot = sum(layer.unpacked for layer in image.layers if not layer.is_reproducible)
        new = sum(layer.unpacked for layer in image.layers if layer.diff_id not in shared)
        shared |= {layer.diff_id for layer in image.layers}
        target = targets[image.reference]
        say(f"  {image.reference:<45} {mb(image.unpacked)}  {mb(aot)}  {mb(new)}  sha256:{image.digest[:16]}")
        if target and image.unpacked > target:
            over.append(f"{image.reference} has {image.unpacked / 2**20:.0f} MiB unpacked, its limit is {target / 2**20:.0f} MiB")
    if over:
        raise Refusal("; ".join(over))


def mb(size: int) -> str:
    return f"{size / 2**20:>5.1f} MiB"


def load(arguments: argparse.Namespace) -> None:
    """Brings the images into the nodes that may run them; what a node has already is not sent again."""
    home = settings.home()
    cluster = Cluster(engine.system(), settings.CLUSTER_NAME, settings.HERE / "kind.yaml", home)
    builder = Builder(home)
    images = builder.build_all(arguments.names)
    show(images)
    nodes = [node.name for node in cluster.nodes() if node.running]
    if not nodes:
        raise Refusal("there is no running cluster to load into; run: make cluster-up")
    # The control plane takes no jobs: of our images only the operator's runs there (it installs profiles on each node).
    wanted = {node: [i for i in images if not node.endswith("control-plane") or "/operator:" in i.reference] for node in nodes}

    def one(node: str) -> int:
        have = cluster.engine.docker("exec", node, "sh", "-c", f"cd {MARKS} 2>/dev/null && head -c 64 -v * || :").stdout
        missing = [image for image in wanted[node] if f"==> {mark(image)} <==\n{image.digest}" not in have]
        if missing:
            send(cluster.engine, node, missing, builder.store)
        return len(missing)

    with step(f"loading into {', '.join(nodes)}"):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            sent = dict(zip(nodes, pool.map(one, nodes)))
    say("  loaded: " + ", ".join(f"{node} {count} of {len(wanted[node])}" for node, count in sent.items()) + " (the rest was there)")


def mark(image: Built) -> str:
    return image.reference.rsplit("/", 1)[1]


def send(machine: engine.Engine, node: str, images: list[Built], store: Store) -> None:
    into(machine, images, store, "exec", "-i", node, "ctr", "--namespace=k8s.io", "images", "import", "--digests",
         "--snapshotter=overlayfs", "-")  # fmt: skip
    marks = " && ".join(f"printf %s {image.digest} > {MARKS}/{mark(image)}" for image in images)
    machine.docker("exec", node, "sh", "-c", f"mkdir -p {MARKS} && {marks}")


def into(machine: engine.Engine, images: list[Built], store: Store, *words: str) -> None:
    """The images as one archive, on the standard input of an engine's command."""
    process = subprocess.Popen(
        [*machine.client(), *words], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        write_archive(process.stdin, images, store)
        process.stdin.close()
    except BrokenPipeError:
        pass  # its own words follow
    err = process.stderr.read().decode(errors="replace")
    if process.wait(timeout=300) != 0:
        raise Refusal(f"docker {' '.join(words[:3])} refuses the images:\n{err[-2000:]}")


def push(arguments: argparse.Namespace) -> None:
    """Brings the images to a registry, with the engine's own login, proxies and mirrors."""
    registry = arguments.registry.rstrip("/")
    if not REGISTRY.fullmatch(registry):
        raise Refusal("where to? make images-push REGISTRY=HOST/PATH, as the chart's value image.registry will name it")
    machine = engine.system()
    engine.ensure(machine)
    builder = Builder(settings.home())
    push_all(machine, builder.build_all(arguments.names), builder.store, registry)
    say(f"  the chart takes them with: --set image.registry={registry}")


def push_all(machine: engine.Engine, images: list[Built], store: Store, registry: str) -> None:
    with step(f"loading {len(images)} images into the engine"):
        into(machine, images, store, "load", "--quiet")
    made = [image.reference for image in images]
    try:
        for image in images:
            target = f"{registry}/{mark(image)}"
            machine.docker("tag", image.reference, target)
            made.append(target)
            with step(f"pushing {target}"):
                machine.docker("push", "--quiet", target, timeout=1800)
    finally:
        machine.docker("rmi", *made, check=False)


def save(arguments: argparse.Namespace) -> None:
    builder = Builder(settings.home())
    chosen = builder.build_all(arguments.names)
    part = Path(f"{arguments.file}.part")
    with part.open("wb") as target:
        write_archive(target, chosen, builder.store)
    os.replace(part, arguments.file)
    say(f"  {arguments.file}: {', '.join(image.reference for image in chosen)}")


def lock(_: argparse.Namespace) -> None:
    debian.write_locks(settings.home(), FILES.parent / "locks")


def main() -> int:
    parser = argparse.ArgumentParser(prog="e2e/images/images", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, action, text in (
        ("build", build, "make images (all, or those named)"),
        ("load", load, "make images and load them into the cluster's nodes"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("names", nargs="*", metavar="IMAGE")
        command.set_defaults(action=action)
    pushing = commands.add_parser("push", help="make images and push them to a registry")
    pushing.add_argument("registry", metavar="HOST/PATH")
    pushing.add_argument("names", nargs="*", metavar="IMAGE")
    pushing.set_defaults(action=push)
    commands.add_parser("lock", help="resolve all Debian packages afresh and write the lock files").set_defaults(action=lock)
    saving = commands.add_parser("save", help="write images as one OCI archive")
    saving.add_argument("file")
    saving.add_argument("names", nargs="+", metavar="IMAGE")
    saving.set_defaults(action=save)
    arguments = parser.parse_args()
    began = time.monotonic()
    try:
        with exclusive(settings.home() / "images.lock"):
            arguments.action(arguments)
        say(f"  {time.monotonic() - began:.1f} s")
        return 0
    except Refusal as refusal:
        return fail(refusal)
    except KeyboardInterrupt:
        return 130
