// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: talk to one I/O port
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: UserNamespace EPERM
// lacking: ENOSYS
// syscall: ioperm
// arch: x86_64
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (ioperm(0x80, 1, 1) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED has an I/O port");
    return 66;
}
