// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: take a descriptor out of the init
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Kernel EPERM
// syscall: pidfd_getfd
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, 1, 0), 3, 0) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED took a descriptor of the init");
    return 66;
}
