// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: load a kernel module from memory
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: UserNamespace EPERM
// lacking: ENOSYS
// syscall: init_module
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(SYS_init_module, "\177ELF", 4L, "") < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED loaded a module");
    return 66;
}
