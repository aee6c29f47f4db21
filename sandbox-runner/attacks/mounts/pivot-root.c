// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: change the root
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: NoCapabilities+Landlock EPERM > Escape
// syscall: pivot_root
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(SYS_pivot_root, "/work", "/work") < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED changed the root");
    return 66;
}
