// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: load a BPF program
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Kernel EPERM
// syscall: bpf
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    long attributes[16] = {1};
    if (syscall(SYS_bpf, 5, attributes, sizeof attributes) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED loaded a BPF program");
    return 66;
}
