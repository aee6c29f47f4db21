// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
//
// The request as the engine sent it, checked. Pure: no system call but memory; this is what the fuzzer runs.
#ifndef GABION_REQUEST_H
#define GABION_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol.h"

#define REQUEST_HEADER 12U
#define UNSET_ID 0xffffffffU

struct bind_entry {
    const char *source;
    const char *target;
    uint32_t flags;
};

struct tmpfs_entry {
    uint64_t bytes;
    uint64_t inodes;
    uint32_t mode;
    uint32_t flags;
    const char *target;
};

struct symlink_entry {
    const char *text;
    const char *path;
};

struct file_entry {
    uint32_t mode;
    const char *path;
    const uint8_t *content;
    size_t size;
};

struct rlimit_entry {
    bool set;
    bool unasked;  // the launcher's own default
    bool refused;  // a default that the kernel does not know
    uint64_t soft;
    uint64_t hard;
};

struct request {
    uint32_t level;
    uint32_t flags;
    uint32_t off;  // GBL_OFF_*: always 0 in the real build
    uint32_t inside_uid;
    uint32_t inside_gid;
    uint32_t outside_uid;
    uint32_t outside_gid;
    const char *hostname;
    const char *cwd;
    size_t args;
    char *argv[GBL_MAX_ARGS + 1];
    size_t envs;
    char *envp[GBL_MAX_ENV + 1];
    size_t binds;
    struct bind_entry bind[GBL_MAX_BINDS];
    size_t tmpfses;
    struct tmpfs_entry tmpfs[GBL_MAX_TMPFS];
    size_t symlinks;
    struct symlink_entry symlink[GBL_MAX_SYMLINKS];
    size_t files;
    struct file_entry file[GBL_MAX_FILES];
    struct rlimit_entry rlimit[GBL_MAX_RLIMITS];
    size_t filter_length;
    const uint8_t *filter;  // filter_length instructions of 8 bytes, wire order
    size_t collects;
    const char *collect[GBL_MAX_COLLECT];
    bool collect_size_only[GBL_MAX_COLLECT];
    uint64_t collect_bytes;
    uint32_t collect_files;
    char *arena;
    size_t arena_used;
    size_t arena_size;
};

// Checks the 12 bytes in front; 0 and the length of the records, or -1 and a text.
int request_header(const uint8_t header[REQUEST_HEADER], uint32_t *length, char *why, size_t why_size);

// Reads the records. The request keeps pointers into `records` and its own arena; -1 and a text when it is not valid.
int request_parse(struct request *request, const uint8_t *records, size_t length, char *why, size_t why_size);

void request_free(struct request *request);

#endif
