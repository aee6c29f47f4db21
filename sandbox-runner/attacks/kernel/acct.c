// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: have each process of the host written to a file
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: UserNamespace EPERM
// syscall: acct
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (acct("/work/acct") < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED accounting is on");
    return 66;
}
