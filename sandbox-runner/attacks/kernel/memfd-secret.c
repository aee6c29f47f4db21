// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: take memory that the kernel itself cannot see
// expect: contained
// control: Seccomp
// off: seccomp
// without: Escape
// lacking: EPERM ENOSYS
// errno: ENOSYS
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(SYS_memfd_secret, 0) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED has secret memory");
    return 66;
}
