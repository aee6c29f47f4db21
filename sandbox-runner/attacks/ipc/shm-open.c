// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: share memory by name
// expect: contained
// control: MountNamespace
// off: mountns
// without: Landlock
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (shm_open("/gabion", O_CREAT | O_RDWR, 0666) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED has shared memory");
    return 66;
}
