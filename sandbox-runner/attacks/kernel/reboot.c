// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: restart the machine
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: NoCapabilities EPERM > Kernel EINVAL
// syscall: reboot
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (reboot(RB_DISABLE_CAD) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED changed how the machine restarts");
    return 66;
}
