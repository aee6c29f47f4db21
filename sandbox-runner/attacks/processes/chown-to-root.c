// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: give a file to root
// expect: contained
// control: NoCapabilities
// off: caps
// without: UidMap EINVAL
// errno: EINVAL
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    close(open("/work/f", O_CREAT | O_WRONLY, 0600));
    if (chown("/work/f", 0, 0) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED root owns a file");
    return 66;
}
