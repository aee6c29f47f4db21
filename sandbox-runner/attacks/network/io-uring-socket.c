// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: open a socket by io_uring, which filters do not see
// expect: contained
// control: Seccomp
// off: seccomp
// without: ResourceLimits ENOMEM > Escape
// lacking: EPERM ENOSYS
// errno: ENOSYS
#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    struct io_uring_params parameters = {0};
    int ring = (int)syscall(SYS_io_uring_setup, 1, &parameters);
    if (ring < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    size_t size = parameters.sq_off.array + parameters.sq_entries * sizeof(unsigned);
    char *queue = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
    char *done = parameters.features & IORING_FEAT_SINGLE_MMAP ? queue : NULL;
    struct io_uring_sqe *entry = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
    if (queue == MAP_FAILED || entry == MAP_FAILED || done == NULL) {
        puts("CONTAINED mmap");
        return 0;
    }
    *entry = (struct io_uring_sqe){.opcode = 45 /* IORING_OP_SOCKET */, .fd = 2 /* AF_INET */, .off = 1 /* SOCK_STREAM */};
    ((unsigned *)(queue + parameters.sq_off.array))[0] = 0;
    __atomic_store_n((unsigned *)(queue + parameters.sq_off.tail), 1, __ATOMIC_RELEASE);
    syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0);
    int result = ((struct io_uring_cqe *)(done + parameters.cq_off.cqes))->res;
    if (result < 0) {
        printf("CONTAINED %s\n", strerrorname_np(-result));
        return 0;
    }
    puts("ESCAPED with a socket");
    return 66;
}
