// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: lock memory, which cannot be swapped then
// expect: contained
// control: Seccomp
// off: seccomp
// without: ResourceLimits EPERM > Escape
// errno: EPERM
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED memory is locked");
    return 66;
}
