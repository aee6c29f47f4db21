// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: raise its own limits
// expect: contained
// control: ResourceLimits
// off: rlimits
// without: UserNamespace EPERM
// errno: EPERM
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (setrlimit(RLIMIT_NOFILE, &(struct rlimit){1000000, 1000000}) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED limits are raised");
    return 66;
}
