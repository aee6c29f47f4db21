// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: join groups
// expect: contained
// control: Seccomp
// off: seccomp
// without: UserNamespace EPERM
// errno: EPERM
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (setgroups(1, &(gid_t){0}) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED in the group root");
    return 66;
}
