#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# A short run of the request fuzzer as part of the tests, where clang has libFuzzer; else the reason why not.
set -euo pipefail
make=$1
clang=$2
probe=$(mktemp -d)
trap 'rm -rf "$probe"' EXIT
echo 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { return d && n ? 0 : 0; }' > "$probe/one.c"
if ! "$clang" -fsanitize=fuzzer,address,undefined "$probe/one.c" -o "$probe/one" 2> /dev/null; then
    echo "left: the request fuzzer needs clang with libFuzzer: apt-get install clang libclang-rt-*-dev"
    exit 0
fi
exec "$make" fuzz LAUNCHER_FUZZ_SECONDS=10
