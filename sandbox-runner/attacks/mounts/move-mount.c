// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: move a mount
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: NoCapabilities+Landlock EPERM > Escape
// syscall: move_mount
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(SYS_move_mount, AT_FDCWD, "/dev/null", AT_FDCWD, "/dev/zero", 0) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED moved a mount");
    return 66;
}
