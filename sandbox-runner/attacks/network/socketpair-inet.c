// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: a pair of sockets of another family
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Kernel EOPNOTSUPP
// syscall: socketpair
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int main(void) {
    int pair[2];
    if (socketpair(AF_INET, SOCK_STREAM, 0, pair) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED");
    return 66;
}
