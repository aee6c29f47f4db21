// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: move the memory of the init
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Kernel EPERM
// syscall: move_pages
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(SYS_move_pages, 1, 0L, NULL, NULL, NULL, 0) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED moved the memory of the init");
    return 66;
}
