// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: see and send packets
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: NoCapabilities EPERM > Escape
// syscall: socket
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int main(void) {
    if (socket(AF_PACKET, SOCK_DGRAM, 0x0300) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED with a socket");
    return 66;
}
