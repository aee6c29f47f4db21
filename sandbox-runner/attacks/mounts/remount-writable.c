// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: make the root writable again
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
    if (mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED the root is writable");
    return 66;
}
