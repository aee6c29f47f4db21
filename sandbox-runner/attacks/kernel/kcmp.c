// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: compare kernel objects of two processes: leaks kernel addresses
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Kernel EPERM
// syscall: kcmp
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(SYS_kcmp, getpid(), 1, 1, 0L, 0L) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED compared kernel objects");
    return 66;
}
