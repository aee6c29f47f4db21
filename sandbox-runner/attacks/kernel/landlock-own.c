// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: make a Landlock ruleset
// expect: contained
// control: Seccomp
// off: seccomp
// without: Escape
// errno: ENOSYS
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (syscall(SYS_landlock_create_ruleset, NULL, 0L, 1) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED asked Landlock");
    return 66;
}
