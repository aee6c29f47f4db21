// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: become root
// expect: contained
// control: Seccomp
// off: seccomp
// without: UidMap EINVAL
// errno: EPERM
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

int main(void) {
    if (setuid(0) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED root");
    return 66;
}
