// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: read the kernel log
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: UserNamespace EPERM
// syscall: syslog
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    static char bytes[4096];
    if (klogctl(3, bytes, sizeof bytes) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED read the kernel log");
    return 66;
}
