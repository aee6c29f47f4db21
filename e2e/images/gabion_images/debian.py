# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Debian packages: which ones (lock files), fetching them by hash, unpacking them.

A lock names every package of an image with version, hash and place in the archive. The archive drops a version soon
after a newer one replaces it, so a lock ages: when a locked file is served no more (and is not in the local cache
either), the packages are resolved afresh, the difference is printed, and the build goes on with the fresh set. With
GABION_IMAGES_LOCKED=strict it stops instead. `make images-lock` writes the committed locks anew.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from gabion_cluster.shell import Refusal, digest, run, say, step
from gabion_images import catalogue

KEYRINGS = "/usr/share/keyrings"
HELPER = "/usr/lib/apt/apt-helper"


@dataclass(frozen=True, order=True)
class Package:
    name: str
    version: str
    arch: str  # the package's own: amd64, arm64 or all
    sha256: str
    size: int
    archive: str  # debian or debian-security: which of the suite's archives has the file
    path: str  # below the archive's root

    def line(self) -> str:
        return f"{self.name} {self.version} {self.arch} {self.sha256} {self.size} {self.archive} {self.path}"


HEADER = """# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# Written by: make images-lock. One package a line: name version architecture sha256 size archive path
"""


def render_lock(packages: list[Package]) -> str:
    return HEADER + "".join(package.line() + "\n" for package in sorted(packages))


def parse_lock(text: str, where: str) -> list[Package]:
    packages = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        words = line.split()
        if len(words) != 7 or not re.fullmatch(r"[0-9a-f]{64}", words[3]) or not words[4].isdigit():
            raise Refusal(f"{where} line {number}: expected name version architecture sha256 size archive path: {line}")
        packages.append(Package(*words[:4], int(words[4]), *words[5:]))
    return packages


def difference(old: list[Package], new: list[Package]) -> list[str]:
    """What a person wants to know: package, version before, version after."""
    before, after = ({package.name: package for package in packages} for packages in (old, new))
    lines = []
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            lines.append(f"- {name} {before[name].version}")
        elif name not in before:
            lines.append(f"+ {name} {after[name].version}")
        elif before[name].version != after[name].version:
            lines.append(f"  {name} {before[name].version} -> {after[name].version}")
        elif before[name].sha256 != after[name].sha256:
            lines.append(f"! {name} {after[name].version}: same version, other content")
    return lines


class Archive:
    """An apt of its own: its sources are Debian's for the suite, whatever the machine itself runs."""

    def __init__(self, home: Path, arch: str, suite: str = catalogue.SUITE):
        self.home, self.arch, self.suite = home, arch, suite
        self.root = home / "apt" / f"{suite}-{arch}"
        self.updated = False

    def sources(self) -> list[str]:
        """`deb` lines for the suite. mmdebstrap knows them; GABION_DEBIAN_SOURCES (a file) overrides the images' suite."""
        given = os.environ.get("GABION_DEBIAN_SOURCES")
        if given and self.suite == catalogue.SUITE:
            return [line for line in Path(given).read_text().splitlines() if line.startswith("deb ")]
        kept = self.home / "apt" / f"{self.suite}.list"
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix="gabion-sources-") as folder:
                # The hook takes the list that mmdebstrap has written and ends it before it downloads anything.
                hook = f'cp "$1/etc/apt/sources.list" {folder}/found; exit 1'
                tried = run("mmdebstrap", "--quiet", "--mode=root" if os.geteuid() == 0 else "--mode=auto", "--variant=custom",
                            f"--setup-hook={hook}", self.suite, "/dev/null", check=False, timeout=60)  # fmt: skip
                found = Path(folder, "found")
                if not found.exists():
                    raise Refusal(f"mmdebstrap does not tell where Debian {self.suite} is:\n{tried.stderr.strip()[-500:]}")
                shutil.copy(found, kept)
        return [line for line in kept.read_text().splitlines() if line.startswith("deb ")]

    def base_urls(self) -> dict[str, str]:
        """Archive name -> address of its root."""
        urls = {}
        for line in self.sources():
            address, suite = re.sub(r"\[[^]]*\] *", "", line).split()[1:3]
            urls.setdefault("debian-security" if "security" in suite else "debian", address.rstrip("/"))
        return urls

    def options(self) -> list[str]:
        settings = {
            "Dir": self.root,
            "Dir::State::status": self.root / "var/lib/dpkg/status",
            "APT::Architecture": self.arch,
            "APT::Architectures": self.arch,
            "APT::Install-Recommends": "false",
            "APT::Sandbox::User": "",
            "Dir::Etc::Trusted": f"{KEYRINGS}/debian-archive-keyring.gpg",
            "Dir::Etc::TrustedParts": KEYRINGS,
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            # Essential packages come only if something depends on them: this is no system to log in to.
            "pkgCacheGen::ForceEssential": ",",
        }
        return [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]

    def update(self) -> None:
        if self.updated:
            return
        for folder in ("etc/apt/preferences.d", "etc/apt/apt.conf.d", "etc/apt/sources.list.d", "var/lib/apt/lists/partial",
                       "var/cache/apt/archives/partial", "var/lib/dpkg"):  # fmt: skip
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        (self.root / "var/lib/dpkg/status").touch()
        (self.root / "etc/apt/sources.list").write_text("\n".join(self.sources()) + "\n")
        run("apt-get", *self.options(), "update", "-q", timeout=300)
        self.updated = True

    def resolve(self, packages: tuple[str, ...], keep: tuple[str, ...]) -> list[Package]:
        """The packages with all they depend on, less what no image is to hold."""
        self.update()
        planned = run("apt-get", *self.options(), "install", "-s", "-y", *packages, timeout=120).stdout
        chosen = dict(re.findall(r"^Inst (\S+) \((\S+) ", planned, re.MULTILINE))
        chosen = {name.split(":")[0]: v for name, v in chosen.items()}
        names = sorted(name for name in chosen if name not in catalogue.EXCLUDED or name in keep)
        shown = run("apt-cache", *self.options(), "show", *(f"{name}={chosen[name]}" for name in names), timeout=120).stdout
        found: dict[str, Package] = {}
        for stanza in shown.split("\n\n"):
            fields = dict(re.findall(r"^([A-Za-z0-9-]+): (.*)$", stanza, re.MULTILINE))
            if fields and fields["Package"] not in found:
                path = fields["Filename"]
                found[fields["Package"]] = Package(
                    fields["Package"], fields["Version"], fields["Architecture"], fields["SHA256"], int(fields["Size"]),
                    "debian-security" if path.startswith("pool/updates/") else "debian", path,
                )  # fmt: skip
        missing = [name for name in names if name not in found]
        if missing:
            raise Refusal(f"apt names no file for {', '.join(missing)}")
        return sorted(found.values())

    def fetch(self, packages: list[Package]) -> list[Package]:
        """Downloads what is not cached; answers what is served no more."""
        cache = self.home / "debs"
        cache.mkdir(parents=True, exist_ok=True)
        wanted = [package for package in packages if not (cache / f"{package.sha256}.deb").exists()]
        if not wanted:
            return []
        urls = self.base_urls()

        def get(package: Package) -> Package | None:
            part = cache / f".{package.sha256}.{os.getpid()}.part"
            address = f"{urls[package.archive]}/{package.path}"
            got = run(HELPER, "-o", "Acquire::Retries=3", "download-file", address, part, f"SHA256:{package.sha256}",
                      check=False, timeout=300)  # fmt: skip
            if got.returncode == 0 and sha256_of(part) == package.sha256:
                part.rename(cache / f"{package.sha256}.deb")
                return None
            part.unlink(missing_ok=True)
            if "404" in got.stderr + got.stdout:
                return package
            raise Refusal(f"{package.name} {package.version} cannot be fetched:\n{(got.stderr or got.stdout).strip()[-500:]}")

        megabytes = sum(package.size for package in wanted) / 1e6
        with step(f"fetching {len(wanted)} Debian packages ({megabytes:.0f} MB)"):
            with concurrent.futures.ThreadPoolExecutor(6) as pool:
                return [gone for gone in pool.map(get, wanted) if gone]


def sha256_of(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else _slow(handle)


def _slow(handle) -> str:
    total = hashlib.sha256()
    while block := handle.read(1 << 20):
        total.update(block)
    return total.hexdigest()


def wanted_of(lock: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The packages a lock stands for, and the excluded ones it keeps all the same."""
    if lock == "base":
        return catalogue.BASE, ()
    language = catalogue.OPERATOR if lock == "operator" else catalogue.LANGUAGES[lock]
    return catalogue.BASE + language.packages, language.keep


def lock_names() -> list[str]:
    return ["base", "operator", *catalogue.LANGUAGES]


def write_locks(home: Path, folder: Path) -> None:
    """Resolves all images for all architectures and writes their locks; prints what changed."""
    folder.mkdir(parents=True, exist_ok=True)
    for arch in catalogue.ARCHITECTURES:
        archive = Archive(home, arch)
        for name in lock_names():
            file = folder / f"{name}.{arch}.lock"
            fresh = archive.resolve(*wanted_of(name))
            old = parse_lock(file.read_text(), file.name) if file.exists() else []
            file.write_text(render_lock(fresh))
            changes = difference(old, fresh)
            say(f"  {file.name}: {len(fresh)} packages, {sum(p.size for p in fresh) / 1e6:.0f} MB, {len(changes)} changes")
            if old:
                for line in changes:
                    say(f"      {line}")


def locked(home: Path, folder: Path, arch: str) -> dict[str, list[Package]]:
    """All locks of an architecture, with every file in the cache. Re-resolved, loudly, when the archive has moved on."""
    locks = {name: parse_lock((folder / f"{name}.{arch}.lock").read_text(), name) for name in lock_names()}
    archive = Archive(home, arch)
    gone = archive.fetch(unique(locks))
    if not gone:
        return locks
    names = ", ".join(f"{package.name} {package.version}" for package in gone)
    if os.environ.get("GABION_IMAGES_LOCKED") == "strict":
        raise Refusal(f"Debian serves no more: {names}. `make images-lock` writes the locks anew")
    say("  " + "!" * 70)
    say(f"  !! The locks have aged: Debian serves no more: {names}")
    say("  !! Resolving afresh for this build; what differs from the committed locks (make images-lock writes them anew):")
    fresh = {name: archive.resolve(*wanted_of(name)) for name in locks}
    for line in difference(unique(locks), unique(fresh)):
        say(f"  !!   {line}")
    say("  " + "!" * 70)
    still = archive.fetch(unique(fresh))
    if still:
        raise Refusal(f"Debian lists but does not serve: {', '.join(package.name for package in still)}; try again later")
    return fresh


def unique(locks: dict[str, list[Package]]) -> list[Package]:
    return sorted({package for packages in locks.values() for package in packages})


def key_of(packages: list[Package]) -> str:
    return digest(*(package.sha256 for package in sorted(packages)))
