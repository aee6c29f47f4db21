// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: a system call by the x32 numbers, which filters forget
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Escape
// lacking: ENOSYS
// arch: x86_64
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    errno = 0;
    long result = syscall(0x40000000 + 39);
    printf("%s %ld\n", result > 0 ? "ESCAPED by x32, pid" : "CONTAINED ENOSYS", result);
    return result > 0 ? 66 : 0;
}
