// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: make all memory executable
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Escape
// syscall: personality
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (personality(READ_IMPLIES_EXEC) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED all memory is executable");
    return 66;
}
