// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: create a BPF map: memory that outlives the job
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Escape
// lacking: EPERM
// syscall: bpf
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    unsigned attributes[32] = {2, 4, 8, 1024};
    if (syscall(SYS_bpf, 0, attributes, sizeof attributes) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED made a BPF map");
    return 66;
}
