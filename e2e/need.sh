#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
#
# need.sh TOOL...: says of each tool that is not here which command installs it, and ends with 1 if there is one.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$PATH:${GABION_HOME:-${HOME:-/root}/.cache/gabion}/bin
missing=0

for tool in "$@"; do
  case $tool in
    jdk) # says itself where it looked and what to do
      "$here/find-jdk.sh" > /dev/null || missing=1
      continue
      ;;
    headers) [ ! -e /usr/include/linux/seccomp.h ] || continue ;;
    *) ! command -v "$tool" > /dev/null || continue ;;
  esac
  case $tool in
    mvn | gcc | headers) how="e2e/install-deps.sh build" ;;
    bwrap) how="e2e/install-deps.sh runner" ;;
    python3 | mmdebstrap) how="e2e/install-deps.sh images" ;;
    docker) how="e2e/install-deps.sh cluster" ;;
    kubectl | helm | kind | etcd | kube-apiserver) how="make cluster-tools" ;;
    clang) how="apt-get install clang" ;;
    aarch64-linux-gnu-gcc) how="e2e/install-deps.sh arm64" ;;
    *) echo "error: need.sh does not know how to install $tool" >&2; exit 2 ;;
  esac
  echo "error: $tool is missing; install it with: $how" >&2
  missing=1
done
exit "$missing"
