// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: move the memory of the init to another node
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Kernel EPERM
// syscall: migrate_pages
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    unsigned long masks[16] = {1};
    if (syscall(SYS_migrate_pages, 1, 64L, masks, masks) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED moved the memory of the init");
    return 66;
}
