// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: have the init's memory swapped out
// expect: contained
// control: Seccomp
// off: seccomp
// without: Kernel EACCES
// errno: ENOSYS
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void) {
    struct iovec remote = {(void *)0x400000, 4096};
    if (syscall(SYS_process_madvise, (int)syscall(SYS_pidfd_open, 1, 0), &remote, 1L, 21L, 0) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED advised on memory of the init");
    return 66;
}
