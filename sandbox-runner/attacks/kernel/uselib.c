// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: load a library by the old call
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Kernel ENOSYS
// syscall: uselib
// arch: x86_64
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(134, "/usr/lib/libc.so.6") < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED loaded a library");
    return 66;
}
