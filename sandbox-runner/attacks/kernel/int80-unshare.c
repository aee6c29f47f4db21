// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: make a user namespace by the 32-bit system calls
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Escape
// lacking: ENOSYS
// arch: x86_64
#include <stdio.h>

int main(void) {
    int result;
    // unshare(CLONE_NEWUSER) is 310 there.
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(310), "b"(0x10000000) : "memory", "r8", "r9", "r10", "r11");
    printf(result >= 0 ? "ESCAPED into a namespace by int 0x80, %d\n" : "CONTAINED %d\n", result);
    return result >= 0 ? 66 : 0;
}
