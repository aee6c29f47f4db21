// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: take one processor for itself
// expect: contained
// control: Seccomp
// off: seccomp
// without: Escape
// errno: EPERM
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(0, &set);
    if (sched_setaffinity(0, sizeof set, &set) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED is pinned");
    return 66;
}
