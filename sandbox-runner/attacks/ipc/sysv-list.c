// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: list the shared memory of the machine
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

int main(void) {
    struct shminfo found;
    if (shmctl(0, IPC_INFO, (struct shmid_ds *)&found) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED");
    return 66;
}
