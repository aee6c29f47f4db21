// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: set the clock of the machine
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: UserNamespace EPERM
// syscall: clock_settime
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int main(void) {
    if (clock_settime(CLOCK_REALTIME, &(struct timespec){1, 0}) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED set the clock");
    return 66;
}
