// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: take away /dev, to see what is below
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: NoCapabilities+Landlock EPERM > Escape
// syscall: umount2
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (umount2("/dev/null", MNT_DETACH) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED unmounted");
    return 66;
}
