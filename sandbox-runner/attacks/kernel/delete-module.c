// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: unload a kernel module
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: UserNamespace EPERM
// lacking: ENOSYS
// syscall: delete_module
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(SYS_delete_module, "nf_tables", 2048) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED unloaded a module");
    return 66;
}
