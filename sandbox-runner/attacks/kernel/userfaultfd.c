// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: stop the kernel in the middle of a copy from user memory
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Escape
// lacking: EPERM ENOSYS
// syscall: userfaultfd
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(SYS_userfaultfd, 1L) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED made a userfaultfd");
    return 66;
}
