// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: install a filter of its own that answers instead of the sandbox
// expect: contained
// control: Seccomp
// off: seccomp
// without: Escape
// errno: EPERM
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    struct sock_filter allow = {0x06, 0, 0, 0x7fff0000};
    struct sock_fprog program = {1, &allow};
    if (syscall(SYS_seccomp, 1, 8, &program) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED installed a listener");
    return 66;
}
