# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""The archive that the kernel unpacks as its first root: cpio in the format `newc` (kernel: initramfs-buffer-format)."""

from __future__ import annotations

DIRECTORY, FILE, CHARACTER = 0o040000, 0o100000, 0o020000


class Archive:
    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.entries = 0

    def directory(self, name: str) -> None:
        self._add(name, DIRECTORY | 0o755, b"")

    def file(self, name: str, content: bytes, mode: int = 0o644) -> None:
        self._add(name, FILE | mode, content)

    def console(self) -> None:
        """Standard output of the first process is this device, which must be there before it starts."""
        self._add("dev/console", CHARACTER | 0o600, b"", (5, 1))

    def bytes(self) -> bytes:
        whole = b"".join(self.parts) + _entry("TRAILER!!!", 0, 0, b"", (0, 0))
        return whole + b"\0" * (-len(whole) % 512)

    def _add(self, name: str, mode: int, content: bytes, device: tuple[int, int] = (0, 0)) -> None:
        self.entries += 1
        self.parts.append(_entry(name, self.entries, mode, content, device))


def _entry(name: str, inode: int, mode: int, content: bytes, device: tuple[int, int]) -> bytes:
    path = name.encode() + b"\0"
    fields = (inode, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(path), 0)
    header = b"070701" + b"".join(b"%08X" % field for field in fields) + path
    return header + b"\0" * (-len(header) % 4) + content + b"\0" * (-len(content) % 4)
