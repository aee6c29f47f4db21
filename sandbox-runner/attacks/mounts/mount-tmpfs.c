// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: mount a file system of its own
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: NoCapabilities+Landlock EPERM > Escape
// syscall: mount
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (mount("none", "/work", "tmpfs", 0, "") < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED mounted");
    return 66;
}
