// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: reach the packet filter, known for its holes
// expect: contained
// control: Seccomp
// off: seccomp
// without: Escape
// lacking: EPROTONOSUPPORT
// errno: EAFNOSUPPORT
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int main(void) {
    if (socket(AF_NETLINK, SOCK_RAW, 12) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED with a socket");
    return 66;
}
