// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: store a key in the kernel: memory that outlives the job
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Escape
// syscall: add_key
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(SYS_add_key, "user", "gabion", "secret", 6L, -4L) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED stored a key");
    return 66;
}
