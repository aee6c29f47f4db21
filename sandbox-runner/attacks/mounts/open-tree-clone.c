// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: copy the tree of mounts
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: NoCapabilities EPERM > Escape
// syscall: open_tree
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(SYS_open_tree, AT_FDCWD, "/", 1) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED copied the tree");
    return 66;
}
