// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: reserve 100 GB of addresses and touch them one by one
// expect: contained
// control: ResourceLimits
// off: none
// without: none
// limits: memory=64Mi wallTimeMilliseconds=20000
// bomb: yes
#include <stdio.h>
#include <sys/mman.h>

int main(void) {
    size_t size = 100UL << 30;
    char *held = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (held == MAP_FAILED) {
        puts("CONTAINED ENOMEM");
        return 0;
    }
    for (size_t at = 0; at < size; at += 4096) {
        held[at] = 1;
    }
    puts("ESCAPED touched 100 GB");
    return 66;
}
