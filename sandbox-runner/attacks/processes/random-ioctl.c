// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: drain the machine's entropy count
// expect: contained
// control: Landlock
// off: landlock
// without: UserNamespace EPERM
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

int main(void) {
    int fd = open("/dev/urandom", O_RDWR);
    if (fd < 0 || ioctl(fd, RNDCLEARPOOL, 0) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED cleared the pool");
    return 66;
}
