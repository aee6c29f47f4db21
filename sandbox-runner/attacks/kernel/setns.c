// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: enter the namespaces of the init
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Kernel EPERM
// syscall: setns
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (setns((int)syscall(SYS_pidfd_open, 1, 0), CLONE_NEWNS) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED entered a namespace");
    return 66;
}
