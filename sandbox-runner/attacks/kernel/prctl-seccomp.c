// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: install a filter of its own that hides what it does
// expect: contained
// control: Seccomp
// off: seccomp
// without: Escape
// errno: EINVAL
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    struct sock_filter allow = {0x06, 0, 0, 0x7fff0000};
    struct sock_fprog program = {1, &allow};
    if (prctl(PR_SET_SECCOMP, 2, &program) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED installed a filter");
    return 66;
}
