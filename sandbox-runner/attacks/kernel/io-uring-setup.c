// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: open an io_uring: system calls that no filter sees
// expect: contained
// control: Seccomp
// off: seccomp
// without: ResourceLimits ENOMEM > Escape
// lacking: EPERM ENOSYS
// errno: ENOSYS
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    char parameters[512] = "";
    if (syscall(SYS_io_uring_setup, 4L, parameters) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED opened an io_uring");
    return 66;
}
