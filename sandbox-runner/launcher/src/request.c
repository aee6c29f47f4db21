// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
#include "request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "paths.h"
#include "wire.h"

struct reader {
    struct request *request;
    char *why;
    size_t why_size;
    uint16_t type;
    uint16_t flags;
    const uint8_t *payload;
    size_t length;
    uint32_t seen;  // one bit per record that may come once
};

enum { SEEN_LEVEL = 1, SEEN_FLAGS = 2, SEEN_IDS = 4, SEEN_LIMITS = 8, SEEN_SWITCHES = 16 };

static int refuse(struct reader *in, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int refuse(struct reader *in, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(in->why, in->why_size, format, arguments);
    va_end(arguments);
    return -1;
}

int request_header(const uint8_t header[REQUEST_HEADER], uint32_t *length, char *why, size_t why_size) {
    if (get_u32(header) != GBL_MAGIC) {
        snprintf(why, why_size, "bad magic");
        return -1;
    }
    if (get_u16(header + 4) != GBL_VERSION || get_u16(header + 6) != 0) {
        snprintf(why, why_size, "protocol version %u, this launcher speaks %u", get_u16(header + 4), GBL_VERSION);
        return -1;
    }
    *length = get_u32(header + 8);
    if (*length > GBL_MAX_REQUEST) {
        snprintf(why, why_size, "%u bytes, at most %u", *length, GBL_MAX_REQUEST);
        return -1;
    }
    return 0;
}

// A terminated copy of bytes without NUL, or null. The arena is large enough by construction (see request_parse).
static char *copy_string(struct reader *in, const uint8_t *bytes, size_t length, size_t most) {
    struct request *request = in->request;
    if (length > most || (length > 0 && memchr(bytes, 0, length) != NULL)) {
        return NULL;
    }
    if (request->arena_size - request->arena_used < length + 1) {
        return NULL;
    }
    char *copy = request->arena + request->arena_used;
    if (length > 0) {
        memcpy(copy, bytes, length);
    }
    copy[length] = '\0';
    request->arena_used += length + 1;
    return copy;
}

static const char *copy_path(struct reader *in, const uint8_t *bytes, size_t length) {
    const char *path = copy_string(in, bytes, length, GBL_MAX_PATH);
    return path != NULL && plain_path(path) ? path : NULL;
}

// Where something may be put: not the root itself, not in /proc.
static const char *copy_target(struct reader *in, const uint8_t *bytes, size_t length) {
    const char *path = copy_path(in, bytes, length);
    return path != NULL && path[1] != '\0' && !at_or_below(path, "/proc") ? path : NULL;
}

static int once(struct reader *in, uint32_t bit, const char *name) {
    if (in->seen & bit) {
        return refuse(in, "%s: given twice", name);
    }
    in->seen |= bit;
    return 0;
}

static int read_word(struct reader *in, uint32_t bit, const char *name, uint32_t *word) {
    if (in->length != 4) {
        return refuse(in, "%s: %zu bytes, must be 4", name, in->length);
    }
    *word = get_u32(in->payload);
    return once(in, bit, name);
}

static int read_ids(struct reader *in) {
    struct request *request = in->request;
    if (in->length != 16) {
        return refuse(in, "ids: %zu bytes, must be 16", in->length);
    }
    request->inside_uid = get_u32(in->payload);
    request->inside_gid = get_u32(in->payload + 4);
    request->outside_uid = get_u32(in->payload + 8);
    request->outside_gid = get_u32(in->payload + 12);
    if (request->inside_uid == 0 || request->inside_uid > 0x7fffffff || request->inside_gid == 0 ||
        request->inside_gid > 0x7fffffff) {
        return refuse(in, "ids: inside ids must be 1..2147483647");
    }
    if (request->outside_uid == 0 || request->outside_gid == 0) {
        return refuse(in, "ids: a guest never runs as root");
    }
    return once(in, SEEN_IDS, "ids");
}

static int read_hostname(struct reader *in) {
    char *name = copy_string(in, in->payload, in->length, GBL_MAX_HOSTNAME);
    if (name == NULL || name[0] == '\0' || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != in->length) {
        return refuse(in, "hostname: 1..%u characters of a-z, 0-9 and -", GBL_MAX_HOSTNAME);
    }
    if (in->request->hostname != NULL) {
        return refuse(in, "hostname: given twice");
    }
    in->request->hostname = name;
    return 0;
}

static int read_arg(struct reader *in) {
    struct request *request = in->request;
    if (request->args == GBL_MAX_ARGS) {
        return refuse(in, "args: more than %u", GBL_MAX_ARGS);
    }
    char *text = copy_string(in, in->payload, in->length, GBL_MAX_STRING);
    if (text == NULL) {
        return refuse(in, "args[%zu]: a NUL, or more than %u bytes", request->args, GBL_MAX_STRING);
    }
    if (request->args == 0 && text[0] != '/') {
        return refuse(in, "args[0]: must be an absolute path");
    }
    request->argv[request->args++] = text;
    return 0;
}

static int read_env(struct reader *in) {
    struct request *request = in->request;
    if (request->envs == GBL_MAX_ENV) {
        return refuse(in, "env: more than %u", GBL_MAX_ENV);
    }
    char *text = copy_string(in, in->payload, in->length, GBL_MAX_STRING);
    if (text == NULL || text[0] == '=' || strchr(text, '=') == NULL) {
        return refuse(in, "env[%zu]: must be NAME=value without NUL, at most %u bytes", request->envs, GBL_MAX_STRING);
    }
    request->envp[request->envs++] = text;
    return 0;
}

static int read_cwd(struct reader *in) {
    if (in->request->cwd != NULL) {
        return refuse(in, "cwd: given twice");
    }
    in->request->cwd = copy_path(in, in->payload, in->length);
    return in->request->cwd != NULL ? 0 : refuse(in, "cwd: must be an absolute, plain path");
}

// Splits `u16 length, first, second`; -1 when the length does not fit.
static int split(struct reader *in, size_t skip, const uint8_t **first, size_t *first_length) {
    if (in->length < skip + 2) {
        return -1;
    }
    *first_length = get_u16(in->payload + skip);
    *first = in->payload + skip + 2;
    return *first_length <= in->length - skip - 2 ? 0 : -1;
}

static int read_bind(struct reader *in) {
    struct request *request = in->request;
    const uint8_t *source;
    size_t length;
    if (request->binds == GBL_MAX_BINDS) {
        return refuse(in, "binds: more than %u", GBL_MAX_BINDS);
    }
    if ((in->flags & ~(GBL_BIND_NOEXEC | GBL_BIND_OPTIONAL | GBL_BIND_DEVICE)) != 0) {
        return refuse(in, "binds[%zu]: unknown flags %#x", request->binds, in->flags);
    }
    if (split(in, 0, &source, &length) != 0) {
        return refuse(in, "binds[%zu]: cut short", request->binds);
    }
    struct bind_entry *bind = &request->bind[request->binds];
    bind->flags = in->flags;
    bind->source = copy_path(in, source, length);
    bind->target = copy_target(in, source + length, in->length - 2 - length);
    if (bind->source == NULL || bind->target == NULL) {
        return refuse(in, "binds[%zu]: both paths must be absolute and plain, the target not / or in /proc", request->binds);
    }
    request->binds++;
    return 0;
}

static int read_tmpfs(struct reader *in) {
    struct request *request = in->request;
    if (request->tmpfses == GBL_MAX_TMPFS) {
        return refuse(in, "tmpfs: more than %u", GBL_MAX_TMPFS);
    }
    if (in->length < 20 || (in->flags & ~GBL_TMPFS_NOEXEC) != 0) {
        return refuse(in, "tmpfs[%zu]: cut short, or unknown flags", request->tmpfses);
    }
    struct tmpfs_entry *tmpfs = &request->tmpfs[request->tmpfses];
    tmpfs->bytes = get_u64(in->payload);
    tmpfs->inodes = get_u64(in->payload + 8);
    tmpfs->mode = get_u32(in->payload + 16);
    tmpfs->flags = in->flags;
    tmpfs->target = copy_target(in, in->payload + 20, in->length - 20);
    if (tmpfs->bytes < 4096 || tmpfs->bytes > INT64_MAX || tmpfs->inodes < 2 || tmpfs->inodes > INT32_MAX) {
        return refuse(in, "tmpfs[%zu]: must be limited: bytes >= 4096, inodes 2..2147483647", request->tmpfses);
    }
    if (tmpfs->target == NULL || tmpfs->mode > 01777) {
        return refuse(in, "tmpfs[%zu]: target must be absolute and plain, mode at most 01777", request->tmpfses);
    }
    request->tmpfses++;
    return 0;
}

static int read_symlink(struct reader *in) {
    struct request *request = in->request;
    const uint8_t *text;
    size_t length;
    if (request->symlinks == GBL_MAX_SYMLINKS) {
        return refuse(in, "symlinks: more than %u", GBL_MAX_SYMLINKS);
    }
    if (split(in, 0, &text, &length) != 0) {
        return refuse(in, "symlinks[%zu]: cut short", request->symlinks);
    }
    struct symlink_entry *link = &request->symlink[request->symlinks];
    link->text = copy_string(in, text, length, GBL_MAX_PATH);
    link->path = copy_target(in, text + length, in->length - 2 - length);
    if (link->text == NULL || link->text[0] == '\0' || link->path == NULL) {
        return refuse(in, "symlinks[%zu]: text and an absolute, plain path are needed", request->symlinks);
    }
    request->symlinks++;
    return 0;
}

static int read_file(struct reader *in) {
    struct request *request = in->request;
    const uint8_t *path;
    size_t length;
    if (request->files == GBL_MAX_FILES) {
        return refuse(in, "files: more than %u", GBL_MAX_FILES);
    }
    if (split(in, 4, &path, &length) != 0) {
        return refuse(in, "files[%zu]: cut short", request->files);
    }
    struct file_entry *file = &request->file[request->files];
    file->mode = get_u32(in->payload);
    file->path = copy_target(in, path, length);
    file->content = path + length;
    file->size = in->length - 6 - length;
    if (file->path == NULL || file->mode > 0777 || file->size > GBL_MAX_FILE_BYTES) {
        return refuse(in, "files[%zu]: absolute, plain path, mode at most 0777, at most %u bytes", request->files,
                      GBL_MAX_FILE_BYTES);
    }
    request->files++;
    return 0;
}

static int read_rlimit(struct reader *in) {
    if (in->length != 20) {
        return refuse(in, "rlimits: %zu bytes, must be 20", in->length);
    }
    uint32_t resource = get_u32(in->payload);
    if (resource >= GBL_MAX_RLIMITS) {
        return refuse(in, "rlimits: unknown resource %u", resource);
    }
    struct rlimit_entry *limit = &in->request->rlimit[resource];
    if (limit->set) {
        return refuse(in, "rlimits: resource %u given twice", resource);
    }
    *limit = (struct rlimit_entry){.set = true, .soft = get_u64(in->payload + 4), .hard = get_u64(in->payload + 12)};
    return limit->soft <= limit->hard ? 0 : refuse(in, "rlimits: resource %u: soft is larger than hard", resource);
}

static int read_filter(struct reader *in) {
    if (in->request->filter != NULL) {
        return refuse(in, "seccomp: given twice");
    }
    if (in->length == 0 || in->length % 8 != 0 || in->length / 8 > GBL_MAX_SECCOMP_INSTRUCTIONS) {
        return refuse(in, "seccomp: 1..%u instructions of 8 bytes", GBL_MAX_SECCOMP_INSTRUCTIONS);
    }
    in->request->filter = in->payload;
    in->request->filter_length = in->length / 8;
    return 0;
}

static int read_collect(struct reader *in) {
    struct request *request = in->request;
    if (request->collects == GBL_MAX_COLLECT) {
        return refuse(in, "collect: more than %u", GBL_MAX_COLLECT);
    }
    if ((in->flags & ~GBL_COLLECT_SIZE_ONLY) != 0) {
        return refuse(in, "collect[%zu]: unknown flags %#x", request->collects, in->flags);
    }
    const char *pattern = copy_target(in, in->payload, in->length);
    if (pattern == NULL) {
        return refuse(in, "collect[%zu]: must be an absolute, plain path or glob", request->collects);
    }
    request->collect_size_only[request->collects] = (in->flags & GBL_COLLECT_SIZE_ONLY) != 0;
    request->collect[request->collects++] = pattern;
    return 0;
}

static int read_collect_limits(struct reader *in) {
    if (in->length != 12) {
        return refuse(in, "collect limits: %zu bytes, must be 12", in->length);
    }
    in->request->collect_bytes = get_u64(in->payload);
    in->request->collect_files = get_u32(in->payload + 8);
    return once(in, SEEN_LIMITS, "collect limits");
}

static int read_switches(struct reader *in) {
#ifdef GABION_TEST_SWITCHES
    return read_word(in, SEEN_SWITCHES, "test switches", &in->request->off);
#else
    return refuse(in, "test switches: this launcher has none");
#endif
}

static int read_record(struct reader *in) {
    struct request *request = in->request;
    if (in->flags != 0 && in->type != GBL_REQ_BIND && in->type != GBL_REQ_TMPFS && in->type != GBL_REQ_COLLECT) {
        return refuse(in, "record %#x: unknown flags %#x", in->type, in->flags);
    }
    switch (in->type) {
        case GBL_REQ_LEVEL: return read_word(in, SEEN_LEVEL, "level", &request->level);
        case GBL_REQ_FLAGS: return read_word(in, SEEN_FLAGS, "flags", &request->flags);
        case GBL_REQ_IDS: return read_ids(in);
        case GBL_REQ_HOSTNAME: return read_hostname(in);
        case GBL_REQ_ARG: return read_arg(in);
        case GBL_REQ_ENV: return read_env(in);
        case GBL_REQ_CWD: return read_cwd(in);
        case GBL_REQ_BIND: return read_bind(in);
        case GBL_REQ_TMPFS: return read_tmpfs(in);
        case GBL_REQ_SYMLINK: return read_symlink(in);
        case GBL_REQ_FILE: return read_file(in);
        case GBL_REQ_RLIMIT: return read_rlimit(in);
        case GBL_REQ_SECCOMP: return read_filter(in);
        case GBL_REQ_COLLECT: return read_collect(in);
        case GBL_REQ_COLLECT_LIMITS: return read_collect_limits(in);
        case GBL_REQ_TEST_SWITCHES: return read_switches(in);
        default: return refuse(in, "unknown record %#x", in->type);
    }
}

// What can be said only when all records are there.
static int check_whole(struct reader *in) {
    struct request *request = in->request;
    if (request->level != GBL_LEVEL_PROCESS && request->level != GBL_LEVEL_POD) {
        return refuse(in, "level: must be 1 (process) or 2 (pod)");
    }
    if ((request->flags & ~(uint32_t)(GBL_FLAG_LANDLOCK | GBL_FLAG_PROC | GBL_FLAG_LEARN | GBL_FLAG_SOCKETS)) != 0) {
        return refuse(in, "flags: unknown bits in %#x", request->flags);
    }
    if (request->level == GBL_LEVEL_PROCESS && !(in->seen & SEEN_IDS)) {
        return refuse(in, "ids: missing");
    }
    if (request->level == GBL_LEVEL_POD && (request->files > 0 || request->symlinks > 0)) {
        return refuse(in, "files and symlinks need level process");
    }
    if (request->args == 0) {
        return refuse(in, "args: missing");
    }
    if (request->filter == NULL) {
        return refuse(in, "seccomp: missing");
    }
    if (request->rlimit[6].set && request->rlimit[6].soft == 0) {
        return refuse(in, "rlimits: NPROC must be at least 1");
    }
    for (size_t i = 0; i < request->collects; i++) {
        bool inside = false;
        for (size_t k = 0; k < request->tmpfses && !inside; k++) {
            inside = at_or_below(request->collect[i], request->tmpfs[k].target);
        }
        if (!inside) {
            return refuse(in, "collect[%zu]: not in a tmpfs of this request", i);
        }
    }
    if (request->collects > 0 && !(in->seen & SEEN_LIMITS)) {
        return refuse(in, "collect limits: missing");
    }
    if (request->hostname == NULL) {
        request->hostname = "sandbox";
    }
    if (request->cwd == NULL) {
        request->cwd = "/";
    }
    return 0;
}

int request_parse(struct request *request, const uint8_t *records, size_t length, char *why, size_t why_size) {
    memset(request, 0, sizeof *request);
    request->outside_uid = UNSET_ID;
    request->outside_gid = UNSET_ID;
    struct reader in = {.request = request, .why = why, .why_size = why_size};
    // Each record costs 8 bytes of header and yields at most two strings, so twice the length holds every terminator.
    request->arena_size = 2 * length + 1;
    request->arena = malloc(request->arena_size);
    if (request->arena == NULL) {
        return refuse(&in, "no memory");
    }
    size_t at = 0;
    while (length - at >= FRAME_HEADER) {
        in.type = get_u16(records + at);
        in.flags = get_u16(records + at + 2);
        in.length = get_u32(records + at + 4);
        in.payload = records + at + FRAME_HEADER;
        at += FRAME_HEADER;
        if (in.length > length - at) {
            return refuse(&in, "record %#x: cut short", in.type);
        }
        at += in.length;
        if (in.type == GBL_REQ_END) {
            if (in.length != 0 || in.flags != 0 || at != length) {
                return refuse(&in, "end: must be empty and last");
            }
            return check_whole(&in);
        }
        if (read_record(&in) != 0) {
            return -1;
        }
    }
    return refuse(&in, "no end record");
}

void request_free(struct request *request) {
    free(request->arena);
    request->arena = NULL;
}
