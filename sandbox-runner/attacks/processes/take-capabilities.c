// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: take capabilities
// expect: contained
// control: Seccomp
// off: seccomp
// without: NoCapabilities EPERM > Escape
// errno: EPERM
#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct all[2] = {{~0U, ~0U, ~0U}, {~0U, ~0U, ~0U}};
    if (syscall(SYS_capset, &header, all) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED has capabilities");
    return 66;
}
