// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: attach to the init as a debugger
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Kernel EPERM
// syscall: ptrace
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (ptrace(PTRACE_ATTACH, 1, NULL, NULL) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED attached to the init");
    return 66;
}
