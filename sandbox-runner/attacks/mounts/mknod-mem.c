// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: make a device node of the memory
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Landlock EACCES > UserNamespace EPERM
// syscall: mknodat
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int main(void) {
    if (mknod("/work/mem", S_IFCHR | 0600, makedev(1, 1)) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED has the memory");
    return 66;
}
