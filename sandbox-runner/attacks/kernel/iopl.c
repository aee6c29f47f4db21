// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: talk to the hardware by I/O ports
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: UserNamespace EPERM
// lacking: ENOSYS
// syscall: iopl
// arch: x86_64
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (iopl(3) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED has the I/O ports");
    return 66;
}
