// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: open the terminal of the session
// expect: contained
// control: MountNamespace
// off: mountns
// without: Landlock EACCES > Escape
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    if (open("/dev/tty", O_RDWR) < 0 && open("/dev/ptmx", O_RDWR) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED with a terminal");
    return 66;
}
