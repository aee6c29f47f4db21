// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: find descriptors that were left open
// expect: contained
// control: PidNamespace
// off: close-fds
// without: Escape
#include <stdio.h>
#include <sys/stat.h>

int main(void) {
    for (int fd = 3; fd < 65536; fd++) {
        struct stat found;
        if (fstat(fd, &found) == 0) {
            printf("ESCAPED descriptor %d, mode %o\n", fd, found.st_mode);
            return 66;
        }
    }
    puts("CONTAINED EBADF");
    return 0;
}
