// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: run before others
// expect: contained
// control: Seccomp
// off: seccomp
// without: UserNamespace EACCES
// errno: EACCES
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (setpriority(PRIO_PROCESS, 0, -20) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED has a better priority");
    return 66;
}
