// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: ask for a key, which may start a program of the host
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Kernel ENOENT
// syscall: request_key
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(SYS_request_key, "user", "gabion", "x", -4L) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED got a key");
    return 66;
}
