// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: show another command line in /proc
// expect: contained
// control: Seccomp
// off: seccomp
// without: UserNamespace EPERM
// errno: EINVAL
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (prctl(PR_SET_MM, PR_SET_MM_ARG_START, 0x400000, 0, 0) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED changed the map of its memory");
    return 66;
}
