// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: use a file of its own as swap
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: UserNamespace EPERM
// syscall: swapon
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (swapon("/work/swap", 0) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED swaps");
    return 66;
}
