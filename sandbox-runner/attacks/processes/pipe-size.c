// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: blow up the pipe to the runner, whose memory is the kernel's
// expect: contained
// control: NoCapabilities
// off: caps
// without: UserNamespace EPERM
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    if (fcntl(1, F_SETPIPE_SZ, 256 << 20) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED with 256 MB");
    return 66;
}
