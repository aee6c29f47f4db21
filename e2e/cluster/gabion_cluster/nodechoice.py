# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Which node image: kind's stock one where a registry gives it, else one that is built here."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from pathlib import Path

from gabion_cluster import nodeimage, settings
from gabion_cluster.engine import Engine
from gabion_cluster.shell import Refusal, say, step

ANSWER_SECONDS = 45
PULL_SECONDS = 900


def choose(wanted: str, built_is_cached: bool, stock_is_cached: bool, pull) -> tuple[str, str]:
    """Which way to a node image, and why. `pull` tries the stock image once; its refusal is final."""
    if wanted == "build":
        return "build", "GABION_NODE_IMAGE=build"
    if wanted == "stock":
        return "stock", "GABION_NODE_IMAGE=stock"
    if wanted not in ("", "auto"):
        return "named", f"GABION_NODE_IMAGE={wanted}"
    if stock_is_cached:
        return "stock", "it is in the engine's store"
    if built_is_cached:
        return "build", "it has been built before"
    if pull():
        return "stock", "a registry gave it"
    return "build", "no registry gave the stock image"


def ensure(engine: Engine) -> str:
    """The name of a node image that is in the engine's store."""
    wanted = os.environ.get("GABION_NODE_IMAGE", "")
    stock = stock_image(settings.home() / "bin" / "kind")
    try:
        built, archive = nodeimage.built_name()
        no_go = None
    except Refusal as refusal:
        built, archive, no_go = None, None, refusal
    way, why = choose(
        wanted,
        built_is_cached=built is not None and (archive.exists() or nodeimage.present(engine, built)),
        stock_is_cached=nodeimage.present(engine, stock),
        pull=lambda: pull(engine, stock),
    )
    if way == "build":
        if built is None:
            raise Refusal(f"{why}, and none can be built here: {no_go}")
        say(f"  node image: {built} ({why})")
        nodeimage.ensure_built(engine, built, archive)
        return built
    image = stock if way == "stock" else wanted
    say(f"  node image: {image} ({why})")
    if not nodeimage.present(engine, image) and not pull(engine, image):
        raise Refusal(f"the node image {image} is neither here nor to be pulled; try GABION_NODE_IMAGE=build")
    return image


def stock_image(kind: Path) -> str:
    """kind's own default with its digest, out of the very program that is used."""
    found = set(re.findall(rb"kindest/node:v[0-9.]+@sha256:[0-9a-f]{64}", kind.read_bytes()))
    if len(found) != 1:
        raise Refusal(f"{kind} names {len(found)} node images of its own, not one; set GABION_NODE_IMAGE to the one you want")
    return found.pop().decode()


def pull(engine: Engine, image: str, answer_seconds: float = ANSWER_SECONDS) -> bool:
    """Pulls as the engine does, with its mirrors and proxies. Whether a registry is at hand shows at its first answer."""
    say(f"  ... asking a registry for {image.split('@')[0]} (at most {answer_seconds:.0f} s before it has to answer)")
    process = subprocess.Popen(
        [*engine.client(), "pull", image],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **engine.env},
    )  # fmt: skip
    lines: list[str] = []
    heard = threading.Event()

    def listen() -> None:
        for line in process.stdout:
            lines.append(line.strip())
            if "Pulling from" in line:
                heard.set()
        heard.set()

    threading.Thread(target=listen, daemon=True).start()
    problem = None
    if not heard.wait(answer_seconds):
        problem = f"no answer within {answer_seconds:.0f} s"
    elif any("Pulling from" in line for line in lines):
        with step(f"pulling {image.split('@')[0]}"):
            try:
                process.wait(timeout=PULL_SECONDS)
            except subprocess.TimeoutExpired:
                problem = f"not there after {PULL_SECONDS} s"
    if problem:
        process.kill()
    code = process.wait()
    if problem or code != 0:
        say(f"      no: {problem or (lines or ['no reason given'])[-1]}")
    return problem is None and code == 0
