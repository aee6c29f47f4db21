// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: a system call that is newer than every table
// expect: contained
// control: Seccomp
// off: seccomp
// without: Kernel ENOSYS
// errno: ENOSYS
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(900) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED called it");
    return 66;
}
