// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: rename the machine
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: NoCapabilities EPERM > Escape
// syscall: sethostname
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (sethostname("owned", 5) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED renamed the machine");
    return 66;
}
