// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: join a key ring
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Escape
// syscall: keyctl
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(SYS_keyctl, 1L, "gabion", 0L, 0L, 0L) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED joined a key ring");
    return 66;
}
