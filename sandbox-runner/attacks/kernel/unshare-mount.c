// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: make a mount namespace
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: NoCapabilities EPERM > Escape
// syscall: unshare
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (unshare(CLONE_NEWNS) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED is in a namespace of its own");
    return 66;
}
