// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: let the parent trace this process, to change its system calls
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Escape
// syscall: ptrace
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED is traced");
    return 66;
}
