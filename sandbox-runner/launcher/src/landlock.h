// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
//
// Landlock's rights up to ABI 6, named here because older kernel headers lack the newer ones.
// Source: include/uapi/linux/landlock.h of Linux 6.12.
#ifndef GABION_LANDLOCK_H
#define GABION_LANDLOCK_H

#include <linux/landlock.h>
#include <stdint.h>

struct gabion_landlock_attr {
    uint64_t fs;
    uint64_t net;     // ABI 4
    uint64_t scoped;  // ABI 6
};

#define LL_TRUNCATE (1ULL << 14)   // ABI 3
#define LL_IOCTL_DEV (1ULL << 15)  // ABI 5

#define LANDLOCK_NET_RIGHTS 3ULL  // TCP bind and connect: no rule, so none is allowed
#define LANDLOCK_SCOPES 3ULL      // abstract UNIX sockets and signals stay inside

#define LANDLOCK_FILE_RIGHTS                                                                                   \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | LL_TRUNCATE | \
     LL_IOCTL_DEV)
#define LANDLOCK_READ_RIGHTS \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
// Not MAKE_CHAR, MAKE_BLOCK and IOCTL_DEV.
#define LANDLOCK_WRITE_RIGHTS                                                                                   \
    (LANDLOCK_READ_RIGHTS | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                     \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |               \
     LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM |                \
     LANDLOCK_ACCESS_FS_REFER | LL_TRUNCATE)

// Every right that the kernel's ABI knows is handled, so denied unless a rule allows it.
static inline uint64_t landlock_fs_rights(int abi) {
    unsigned bits = abi >= 5 ? 16 : abi >= 3 ? 15 : abi >= 2 ? 14 : 13;
    return (1ULL << bits) - 1;
}

#endif
