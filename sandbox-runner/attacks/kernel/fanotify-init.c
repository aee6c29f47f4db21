// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: watch the files of the whole host
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: UserNamespace EPERM
// syscall: fanotify_init
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(SYS_fanotify_init, 0, 0) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED watches files");
    return 66;
}
