# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Layers: a folder becomes an archive whose bytes depend on names, contents and modes alone."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

# 2020-01-01: any fixed time after the epochs of archive formats (zip begins in 1980) will do.
MTIME = 1577836800


@dataclass(frozen=True)
class Layer:
    name: str
    key: str  # hash of the inputs
    diff_id: str  # sha256 of the uncompressed archive
    size: int  # of the archive, which is also the layer's blob
    unpacked: int  # sum of the files' sizes

    @property
    def is_reproducible(self) -> bool:
        return not self.name.endswith("-aot")


class Store:
    """Layers below $GABION_HOME/layers, by name and input key; the archive and its description side by side."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.used: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)

    def archive(self, layer: Layer) -> Path:
        return self.folder / f"{layer.name}-{layer.key}.tar"

    def find(self, name: str, key: str) -> Layer | None:
        self.used.add(f"{name}-{key}")
        try:
            layer = Layer(**json.loads((self.folder / f"{name}-{key}.json").read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None
        return layer if self.archive(layer).exists() else None

    def put(self, name: str, key: str, root: Path) -> Layer:
        part = self.folder / f".{name}-{key}.{os.getpid()}"
        unpacked = pack(root, part)
        layer = Layer(name, key, "sha256:" + file_digest(part), part.stat().st_size, unpacked)
        part.rename(self.archive(layer))
        (self.folder / f"{name}-{key}.json").write_text(json.dumps(asdict(layer), indent=2))
        return layer

    def prune(self) -> None:
        """Removes what the current images do not use."""
        for file in self.folder.iterdir():
            if not file.name.startswith(".") and file.stem not in self.used:
                file.unlink()


def pack(root: Path, target: Path) -> int:
    """Writes the folder as a tar in name order: root's files, one time, no set-user-id bits. Answers the files' size."""
    total = 0
    seen: dict[tuple[int, int], str] = {}
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
        for path in walk(root):
            name = str(path.relative_to(root))
            status = path.lstat()
            info = tarfile.TarInfo(name)
            info.mtime, info.uid, info.gid = MTIME, 0, 0
            # The sticky bit of /tmp stays; who gains rights by running a file has no place in an image.
            info.mode = status.st_mode & 0o1777
            if path.is_symlink():
                info.type, info.linkname, info.mode = tarfile.SYMTYPE, os.readlink(path), 0o777
                tar.addfile(info)
            elif path.is_dir():
                info.type = tarfile.DIRTYPE
                tar.addfile(info)
            elif path.is_file():
                inode = (status.st_dev, status.st_ino)
                if status.st_nlink > 1 and inode in seen:
                    info.type, info.linkname = tarfile.LNKTYPE, seen[inode]
                    tar.addfile(info)
                    continue
                seen[inode] = name
                info.size = status.st_size
                total += status.st_size
                with path.open("rb") as content:
                    tar.addfile(info, content)
            else:
                raise ValueError(f"{path} is neither file, folder nor link: it cannot be in an image")
    return total


def walk(root: Path) -> list[Path]:
    """All below root, folders before what they hold, in byte order of their names."""
    found = []
    for folder, folders, files in os.walk(root):
        found += [Path(folder, name) for name in folders + files]
    return sorted(found, key=lambda path: os.fsencode(str(path.relative_to(root))).split(b"/"))


def file_digest(file: Path) -> str:
    total = hashlib.sha256()
    with file.open("rb") as handle:
        while block := handle.read(1 << 20):
            total.update(block)
    return total.hexdigest()


def stamp(root: Path) -> None:
    """Gives files on disk the time they have in the layer: the JVM compares it with what an AOT cache recorded."""
    for path in [root, *walk(root)]:
        os.utime(path, (MTIME, MTIME), follow_symlinks=False)


def merge(parts: list[Path], target: Path) -> None:
    """The union of several layers' folders, by hard links: later ones win."""
    for part in parts:
        for path in walk(part):
            place = target / path.relative_to(part)
            if path.is_dir() and not path.is_symlink():
                place.mkdir(parents=True, exist_ok=True)
                place.chmod(path.stat().st_mode & 0o7777)
                continue
            if place.is_symlink() or place.exists():
                place.unlink()
            if path.is_symlink():
                place.symlink_to(os.readlink(path))
            else:
                os.link(path, place)


@dataclass(frozen=True)
class Built:
    """An image by its documents; the layers' archives are in the store."""

    reference: str
    config: bytes
    layers: tuple[Layer, ...]

    @property
    def config_digest(self) -> str:
        return hashlib.sha256(self.config).hexdigest()

    @property
    def manifest(self) -> bytes:
        return encode({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": blob("application/vnd.oci.image.config.v1+json", self.config_digest, len(self.config)),
            "layers": [blob("application/vnd.oci.image.layer.v1.tar", la.diff_id[7:], la.size) for la in self.layers],
        })  # fmt: skip

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.manifest).hexdigest()

    @property
    def unpacked(self) -> int:
        return sum(layer.unpacked for layer in self.layers)


def write_archive(target: BinaryIO, images: list[Built], store: Store) -> None:
    """Images as one OCI layout, shared layers once; engines that only know the older format (manifest.json) read it too."""
    with tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT) as tar:

        def add(name: str, size: int, content: BinaryIO) -> None:
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode = size, MTIME, 0o644
            tar.addfile(info, content)

        def add_bytes(name: str, data: bytes) -> None:
            add(name, len(data), io.BytesIO(data))

        described = []
        for image in images:
            entry = blob("application/vnd.oci.image.manifest.v1+json", image.digest, len(image.manifest))
            tag = image.reference.rsplit(":", 1)[1]
            entry["annotations"] = {"io.containerd.image.name": image.reference, "org.opencontainers.image.ref.name": tag}
            described.append(entry)
        older = [
            {
                "Config": f"blobs/sha256/{image.config_digest}",
                "RepoTags": [image.reference],
                "Layers": [f"blobs/sha256/{layer.diff_id[7:]}" for layer in image.layers],
            }
            for image in images
        ]
        index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": described}
        add_bytes("oci-layout", encode({"imageLayoutVersion": "1.0.0"}))
        add_bytes("index.json", encode(index))
        add_bytes("manifest.json", encode(older))
        for image in images:
            add_bytes(f"blobs/sha256/{image.config_digest}", image.config)
            add_bytes(f"blobs/sha256/{image.digest}", image.manifest)
        for layer in {la.diff_id: la for image in images for la in image.layers}.values():
            with store.archive(layer).open("rb") as content:
                add(f"blobs/sha256/{layer.diff_id[7:]}", layer.size, content)


def blob(media_type: str, digest: str, size: int) -> dict:
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": size}


def encode(value) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def remove(folder: Path) -> None:
    """rmtree that also gets through folders without write permission, as some packages bring them."""
    for path, folders, _ in os.walk(folder):
        for name in folders:
            child = Path(path, name)
            if not child.is_symlink():
                child.chmod(child.stat().st_mode | 0o700)
    shutil.rmtree(folder, ignore_errors=True)
