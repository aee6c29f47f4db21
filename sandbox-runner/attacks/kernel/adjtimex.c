// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: bend the clock of the machine
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: UserNamespace EPERM
// syscall: clock_adjtime
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

int main(void) {
    struct timex change = {.modes = ADJ_OFFSET, .offset = 1};
    if (adjtimex(&change) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED bent the clock");
    return 66;
}
