// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: raise an ambient capability
// expect: contained
// control: Seccomp
// off: seccomp
// without: NoCapabilities EPERM > Escape
// errno: EINVAL
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 21, 0, 0) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED has an ambient capability");
    return 66;
}
