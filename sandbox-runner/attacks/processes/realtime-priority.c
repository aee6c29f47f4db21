// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: run before everybody else
// expect: contained
// control: Seccomp
// off: seccomp
// without: UserNamespace EPERM
// errno: EPERM
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){50}) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED runs in real time");
    return 66;
}
