// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: make a user namespace by clone3, whose flags no filter can read
// expect: contained
// control: Seccomp
// off: seccomp
// without: Escape
// errno: ENOSYS
#define _GNU_SOURCE
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    struct clone_args arguments = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
    if (syscall(SYS_clone3, &arguments, sizeof arguments) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED has a child in a namespace of its own");
    return 66;
}
