// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: hang up the terminal
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: UserNamespace EPERM
// syscall: vhangup
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (vhangup() < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED hung up the terminal");
    return 66;
}
