// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: boot another kernel
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: UserNamespace EPERM
// lacking: ENOSYS
// syscall: kexec_load
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(SYS_kexec_load, 0L, 0L, NULL, 0L) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED prepared another kernel");
    return 66;
}
