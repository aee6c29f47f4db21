// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: use a POSIX message queue
// expect: contained
// control: Seccomp
// off: seccomp
// without: ResourceLimits EMFILE > Landlock EACCES > Escape
// errno: ENOSYS
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (mq_open("/gabion", O_CREAT | O_RDWR, 0600, NULL) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED has a queue");
    return 66;
}
