# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""What is in an image, as an SPDX 2.3 document (https://spdx.github.io/spdx-spec/v2.3/)."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from gabion_cluster.shell import digest
from gabion_images.debian import Package
from gabion_images.layers import file_digest

CREATED = "2020-01-01T00:00:00Z"  # fixed: the same inputs give the same document


def document(image: str, packages: list[Package], suite: str, jdk: dict[str, str], jars: list[Path]) -> dict:
    parts = [deb(package, suite) for package in packages]
    if jdk:
        parts.append(runtime(jdk))
    parts += [jar(file) for file in sorted(jars, key=lambda path: path.name)]
    top = {
        "SPDXID": "SPDXRef-image",
        "name": image,
        "downloadLocation": "NOASSERTION",
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "Apache-2.0",
        "copyrightText": "NOASSERTION",
        "filesAnalyzed": False,
        "primaryPackagePurpose": "CONTAINER",
    }
    identity = digest(repr(parts), image)
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": image,
        "documentNamespace": f"https://gabion.dev/spdx/{image.replace(':', '-')}-{identity}",
        "creationInfo": {"created": CREATED, "creators": ["Organization: The Gabion Authors", "Tool: gabion-images"]},
        "documentDescribes": ["SPDXRef-image"],
        "packages": [top, *parts],
        "relationships": [
            {"spdxElementId": "SPDXRef-image", "relationshipType": "CONTAINS", "relatedSpdxElement": part["SPDXID"]}
            for part in parts
        ],
    }


def deb(package: Package, suite: str) -> dict:
    return part(
        f"deb-{package.name}",
        package.name,
        package.version,
        package.sha256,
        f"pkg:deb/debian/{package.name}@{purl(package.version)}?arch={package.arch}&distro={suite}",
        supplier="Organization: Debian",
    )


def runtime(release: dict[str, str]) -> dict:
    version = release.get("JAVA_RUNTIME_VERSION", release.get("JAVA_VERSION", "unknown"))
    vendor = release.get("IMPLEMENTOR", "unknown")
    found = part("jre", "java-runtime", version, None, f"pkg:generic/java-runtime@{purl(version)}")
    found["supplier"] = f"Organization: {vendor}"
    found["comment"] = f"Linked by jlink; modules: {release.get('MODULES', '')}"
    return found


def jar(file: Path) -> dict:
    group, artifact, version = coordinates(file)
    address = f"pkg:maven/{group}/{artifact}@{purl(version)}" if group else f"pkg:generic/{artifact}@{purl(version)}"
    return part(f"jar-{file.name}", f"{group}:{artifact}" if group else artifact, version, file_digest(file), address)


def coordinates(file: Path) -> tuple[str, str, str]:
    """From the jar's own pom.properties where it has exactly one, else from its file name."""
    with zipfile.ZipFile(file) as archive:
        poms = [name for name in archive.namelist() if name.startswith("META-INF/maven/") and name.endswith("/pom.properties")]
        if len(poms) == 1:
            lines = archive.read(poms[0]).decode(errors="replace").splitlines()
            values = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
            if {"groupId", "artifactId", "version"} <= values.keys():
                return values["groupId"].strip(), values["artifactId"].strip(), values["version"].strip()
    # Quarkus names its copies group.artifact-version.jar: the group cannot be told from the artifact there.
    match = re.fullmatch(r"(.+?)-(\d[\w.+-]*)", file.stem)
    return ("", match[1], match[2]) if match else ("", file.stem, "unknown")


def part(ident: str, name: str, version: str, sha256: str | None, address: str, supplier: str = "NOASSERTION") -> dict:
    found = {
        "SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", ident),
        "name": name,
        "versionInfo": version,
        "supplier": supplier,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "externalRefs": [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": address},
        ],
    }
    if sha256:
        found["checksums"] = [{"algorithm": "SHA256", "checksumValue": sha256}]
    return found


def purl(version: str) -> str:
    return version.replace("%", "%25").replace("+", "%2B").replace(":", "%3A").replace("~", "~")
