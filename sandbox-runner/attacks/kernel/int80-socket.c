// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: open a socket by the 32-bit system calls, whose numbers are other ones
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Escape
// lacking: ENOSYS
// arch: x86_64
#include <stdio.h>

int main(void) {
    int result;
    // socket(AF_INET, SOCK_STREAM, 0) is 359 there.
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(359), "b"(2), "c"(1), "d"(0) : "memory", "r8", "r9", "r10", "r11");
    printf(result >= 0 ? "ESCAPED with a socket by int 0x80, %d\n" : "CONTAINED %d\n", result);
    return result >= 0 ? 66 : 0;
}
