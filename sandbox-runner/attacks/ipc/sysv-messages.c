// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: use a message queue of the machine
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
#include <sys/msg.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (msgget(0x6761, IPC_CREAT | 0666) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED has a queue");
    return 66;
}
