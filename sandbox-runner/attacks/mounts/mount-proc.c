// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: mount /proc
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Kernel EPERM
// syscall: mount
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (mount("proc", "/work", "proc", 0, NULL) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED mounted /proc");
    return 66;
}
