// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: change the limits of the init
// expect: contained
// control: Seccomp
// off: seccomp
// without: Escape
// errno: EPERM
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (prlimit(1, RLIMIT_NOFILE, &(struct rlimit){3, 3}, NULL) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED changed the init's limits");
    return 66;
}
