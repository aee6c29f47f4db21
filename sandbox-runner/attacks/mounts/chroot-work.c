// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: change the root, the first half of the well-known escape
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: NoCapabilities EPERM > Escape
// syscall: chroot
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (chroot("/work") < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED changed the root");
    return 66;
}
