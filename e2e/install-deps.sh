#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
#
# Installs what is missing on a Debian or Ubuntu machine, by group:
#   build    JDK 25, Maven and a C compiler: to build and unit-test
#   runner   what the sandbox's own tests use on this machine
#   images   what the product images are made with
#   cluster  container engine, and what a node image is built with (Go among it)
#   vm       what the virtual machines of make vm-test are made and run with
#   arm64    a compiler and an emulator for arm64
# Without a group: all that make test uses, which is the first four. Does nothing when all is there.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)

packages_of() {
  case $1 in
    build) echo gcc libc6-dev make maven libseccomp-dev pkg-config ;;
    runner) echo bubblewrap python3 libseccomp2 binutils nodejs gcc libc6-dev clang "$(fuzzer_runtime)" ;;
    images) echo python3 bubblewrap mmdebstrap debian-archive-keyring ;;
    cluster) echo docker.io iptables mmdebstrap jq busybox-static libseccomp-dev pkg-config gcc libc6-dev python3 python3-prometheus-client debian-archive-keyring ;;
    vm) echo qemu-system-x86 e2fsprogs bubblewrap ;;
    arm64) echo gcc-aarch64-linux-gnu libc6-dev-arm64-cross make qemu-system-arm ;;
    *) return 1 ;;
  esac
}

# libFuzzer, which the distribution only recommends beside clang and names after its version.
fuzzer_runtime() {
  local line
  while read -r line; do
    if [[ $line =~ ^Depends:\ clang-([0-9]+)$ ]]; then
      echo "libclang-rt-${BASH_REMATCH[1]}-dev"
      return
    fi
  done < <(LC_ALL=C apt-cache depends clang 2> /dev/null)
}

# A program of that name counts as well: not every machine has these from its distribution.
provided_by_program() {
  case $1 in
    maven) command -v mvn ;;
    docker.io) command -v dockerd && command -v docker ;;
    gcc) command -v gcc ;;
    make) command -v make ;;
    jq) command -v jq ;;
    python3) command -v python3 ;;
    iptables) command -v iptables ;;
    nodejs) [ -x /usr/bin/node ] ;;
    *) return 1 ;;
  esac > /dev/null 2>&1
}

installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2> /dev/null)" = installed ] || provided_by_program "$1"
}

# The first of these packages that the distribution has, or nothing. On a new machine apt has no lists to look in yet.
candidate() {
  local name
  if [ "$(id -u)" = 0 ] && ! compgen -G '/var/lib/apt/lists/*Packages*' > /dev/null; then
    apt-get update -q > /dev/null 2>&1 || true
  fi
  for name in "$@"; do
    if LC_ALL=C apt-cache policy "$name" 2> /dev/null | grep -q 'Candidate: [0-9]'; then
      echo "$name"
      return
    fi
  done
}

# Without Go the cluster's programs cannot be built: then these do, and a node image that is pulled.
has_cluster_programs() {
  command -v kind && command -v kubectl && command -v helm
} > /dev/null 2>&1

groups=("$@")
[ $# -gt 0 ] || groups=(build runner images cluster)
missing=()
asked=()
for group in "${groups[@]}"; do
  if ! list=$(packages_of "$group"); then
    echo "error: unknown group '$group'; known: build runner images cluster vm arm64" >&2
    exit 2
  fi
  for package in $list; do
    installed "$package" || missing+=("$package:$group")
  done
  case $group in
    build | images)
      if ! "$here/find-jdk.sh" > /dev/null 2>&1; then
        package=$(candidate openjdk-25-jdk-headless)
        if [ -n "$package" ]; then
          missing+=("$package:$group")
        else
          asked+=("JDK 25 (this distribution has no package of it): install Temurin 25 or another build and set JAVA_HOME to it")
        fi
      fi
      ;;
    cluster)
      # Newer distributions have the engine's client in a package of its own.
      if ! command -v docker > /dev/null; then
        package=$(candidate docker-cli)
        [ -z "$package" ] || missing+=("$package:$group")
      fi
      if ! "$here/find-go.sh" > /dev/null && ! { [ "${GABION_NODE_IMAGE:-}" = stock ] && has_cluster_programs; }; then
        package=$(candidate golang-1.26-go)
        if [ -n "$package" ]; then
          missing+=("$package:$group")
        elif has_cluster_programs; then
          echo "  no Go 1.26 here: the node image has to be pulled, and the tests against an API server lack their programs"
        else
          asked+=("Go 1.26 or newer (this distribution has no package of it): install it and put its bin folder on PATH")
        fi
      fi
      ;;
  esac
done

if [ ${#missing[@]} -gt 0 ]; then
  mapfile -t names < <(printf '%s\n' "${missing[@]%%:*}" | sort -u)
  if ! command -v apt-get > /dev/null; then
    echo "error: missing here and no apt-get to install them with: ${names[*]}" >&2
    exit 1
  fi
  if [ "$(id -u)" != 0 ]; then
    echo "error: missing packages; run: sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names[*]}" >&2
    exit 1
  fi
  began=$SECONDS
  echo "  installing what is missing (package:wanted for):"
  printf '    %s\n' "${missing[@]}" | sort -u
  export DEBIAN_FRONTEND=noninteractive
  # A distribution's service manager, where there is one, may start the engine; where there is none nothing may try.
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  if ! { apt-get update -q && apt-get install -q -y --no-install-recommends "${names[@]}"; } > "$log" 2>&1 < /dev/null; then
    tail -25 "$log" >&2
    echo "error: apt-get could not install: ${names[*]}" >&2
    exit 1
  fi
  echo "  installed ($((SECONDS - began)) s)"
fi

if [ ${#asked[@]} -gt 0 ]; then
  mapfile -t lines < <(printf '%s\n' "${asked[@]}" | sort -u)
  printf 'error: needed and not to be had from the distribution: %s\n' "${lines[@]}" >&2
  exit 1
fi
