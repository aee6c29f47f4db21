// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: make a user namespace by clone, to be root in it
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Escape
// syscall: clone
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED has a child in a namespace of its own");
    return 66;
}
