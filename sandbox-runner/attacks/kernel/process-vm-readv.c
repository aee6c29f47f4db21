// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: read the memory of the init
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Kernel EPERM
// syscall: process_vm_readv
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void) {
    char bytes[64] = "";
    struct iovec local = {bytes, sizeof bytes};
    struct iovec remote = {(void *)0x400000, sizeof bytes};
    if (process_vm_readv(1, &local, 1, &remote, 1, 0) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED read the memory of the init");
    return 66;
}
