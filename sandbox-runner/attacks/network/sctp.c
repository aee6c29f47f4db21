// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: SCTP, which Landlock does not know
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Escape
// lacking: EPROTONOSUPPORT ESOCKTNOSUPPORT ENOPROTOOPT
// syscall: socket
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int main(void) {
    if (socket(AF_INET, SOCK_SEQPACKET, 132) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED with a socket");
    return 66;
}
