// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: open a file of the host by its number, past every root
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: UserNamespace EPERM
// syscall: open_by_handle_at
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    unsigned handle[8] = {8, 1, 2, 0, 0, 0};
    if (syscall(SYS_open_by_handle_at, 0, handle, 0) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED opened by number");
    return 66;
}
