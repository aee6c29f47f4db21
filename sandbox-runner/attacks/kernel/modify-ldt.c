// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: write a segment descriptor
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Escape
// lacking: EPERM ENOSYS
// syscall: modify_ldt
// arch: x86_64
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    unsigned descriptor[4] = {0, 0, 0xfffff, 0x51};
    if (syscall(SYS_modify_ldt, 1L, descriptor, 16L) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED wrote a segment descriptor");
    return 66;
}
