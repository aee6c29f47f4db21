// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: share memory with other programs
// expect: contained
// control: Seccomp
// off: seccomp
// without: Escape
// errno: ENOSYS
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (shmget(0x6761, 4096, IPC_CREAT | 0666) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED has shared memory");
    return 66;
}
