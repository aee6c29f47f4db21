// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: read and write before others
// expect: contained
// control: Seccomp
// off: seccomp
// without: UserNamespace EPERM
// errno: EPERM
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(SYS_ioprio_set, 1, 0, 1 << 13) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED has a better I/O priority");
    return 66;
}
