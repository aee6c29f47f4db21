// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: type a command into the runner's terminal
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Kernel ENOTTY
// syscall: ioctl
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

int main(void) {
    if (ioctl(0, TIOCSTI, "x") < 0 && ioctl(1, TIOCSTI, "x") < 0 && ioctl(2, TIOCSTI, "x") < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED typed");
    return 66;
}
