// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: find file names by cookie
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Kernel ENOSYS
// syscall: lookup_dcookie
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    char bytes[64];
    if (syscall(SYS_lookup_dcookie, 1L, bytes, sizeof bytes) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED found a name");
    return 66;
}
