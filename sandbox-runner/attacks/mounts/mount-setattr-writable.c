// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: make the root writable by the new call
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: NoCapabilities EPERM > Escape
// syscall: mount_setattr
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    unsigned long attributes[4] = {0, 1, 0, 0};  // clears MOUNT_ATTR_RDONLY
    if (syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, attributes, sizeof attributes) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED the root is writable");
    return 66;
}
