// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: recurse without end
// expect: Signalled
// control: ResourceLimits
// off: none
// without: none
// limits: memory=64Mi
#include <stdio.h>

static int deeper(volatile int level) {
    volatile char held[4096];
    held[0] = (char)level;
    return deeper(level + 1) + held[0];
}

int main(void) {
    printf("%d\n", deeper(0));
    return 66;
}
