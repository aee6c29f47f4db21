// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: switch off the randomisation of addresses
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Escape
// syscall: personality
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (personality(ADDR_NO_RANDOMIZE) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED switched off the randomisation");
    return 66;
}
