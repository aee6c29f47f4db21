// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
//
// Files that the request asks for, read after the guest's end. The guest chose every name and every type here: no link is
// followed, nothing but a regular file is opened for reading, and all is counted.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "glob.h"
#include "launch.h"

#define MOST_ENTRIES 10000U
#define MOST_LEVELS 32
#define CHUNK 32768U

struct collection {
    struct context *context;
    uint64_t bytes_left;
    uint32_t files_left;
    uint32_t entries_left;
    dev_t device;
    char path[GBL_MAX_PATH + 1];
};

static int send_begin(struct collection *all, const struct stat *file, uint8_t status) {
    static struct frame frame;
    frame_begin(&frame, GBL_EV_FILE_BEGIN, 0);
    put_u64(&frame, (uint64_t)file->st_size);
    put_u32(&frame, (uint32_t)(file->st_mode & 07777));
    put_u8(&frame, status);
    put_bytes(&frame, all->path, strlen(all->path));
    return frame_send(all->context->inner, &frame);
}

static int send_content(struct collection *all, int fd, uint64_t size) {
    static struct frame frame;
    static uint8_t bytes[CHUNK];
    while (size > 0) {
        ssize_t got = read(fd, bytes, size < CHUNK ? (size_t)size : CHUNK);
        if (got <= 0) {
            break;
        }
        size -= (uint64_t)got;
        frame_begin(&frame, GBL_EV_FILE_DATA, 0);
        put_bytes(&frame, bytes, (size_t)got);
        if (frame_send(all->context->inner, &frame) != 0) {
            return -1;
        }
    }
    frame_begin(&frame, GBL_EV_FILE_END, 0);
    return frame_send(all->context->inner, &frame);
}

static int send_file(struct collection *all, int directory, const char *name, const struct stat *seen) {
    if (!S_ISREG(seen->st_mode)) {
        return send_begin(all, seen, GBL_FILE_NOT_REGULAR);
    }
    if (all->files_left == 0) {
        return send_begin(all, seen, GBL_FILE_TOO_MANY);
    }
    if ((uint64_t)seen->st_size > all->bytes_left) {
        return send_begin(all, seen, GBL_FILE_TOO_LARGE);
    }
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        // The owner may have taken its own right to read; it is the same owner here.
        if (errno != EACCES || fchmodat(directory, name, 0600, 0) != 0 ||
            (fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)) < 0) {
            return send_begin(all, seen, GBL_FILE_UNREADABLE);
        }
    }
    struct stat opened;
    int failed;
    if (fstat(fd, &opened) != 0 || !S_ISREG(opened.st_mode) || opened.st_dev != all->device) {
        failed = send_begin(all, seen, GBL_FILE_NOT_REGULAR);
    } else {
        all->files_left--;
        all->bytes_left -= (uint64_t)opened.st_size;
        failed = send_begin(all, &opened, GBL_FILE_OK) != 0 || send_content(all, fd, (uint64_t)opened.st_size) != 0;
    }
    close(fd);
    return failed ? -1 : 0;
}

enum wish { UNWANTED, WANTED_SIZE, WANTED_WHOLE };

static enum wish wish_for(const struct collection *all) {
    const struct request *request = all->context->request;
    enum wish wish = UNWANTED;
    for (size_t i = 0; wish != WANTED_WHOLE && i < request->collects; i++) {
        if (glob_matches(request->collect[i], all->path)) {
            wish = request->collect_size_only[i] ? WANTED_SIZE : WANTED_WHOLE;
        }
    }
    return wish;
}

static int send_wanted(struct collection *all, int directory, const char *name, const struct stat *found) {
    switch (wish_for(all)) {
        case WANTED_WHOLE: return send_file(all, directory, name, found);
        case WANTED_SIZE: return send_begin(all, found, S_ISREG(found->st_mode) ? GBL_FILE_SIZE_ONLY : GBL_FILE_NOT_REGULAR);
        default: return 0;
    }
}

static int walk(struct collection *all, int directory, int level) {
    int failed = 0;
    DIR *stream = fdopendir(directory);
    if (stream == NULL) {
        close(directory);
        return 0;
    }
    size_t used = strlen(all->path);
    for (struct dirent *entry; failed == 0 && all->entries_left > 0 && (entry = readdir(stream)) != NULL;) {
        struct stat found;
        size_t length = strlen(entry->d_name);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || used + length + 2 > sizeof all->path) {
            continue;
        }
        all->entries_left--;
        all->path[used] = '/';
        memcpy(all->path + used + 1, entry->d_name, length + 1);
        if (fstatat(dirfd(stream), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) == 0 && found.st_dev == all->device) {
            if (!S_ISDIR(found.st_mode)) {
                failed = send_wanted(all, dirfd(stream), entry->d_name, &found);
            } else if (level < MOST_LEVELS) {
                int below = openat(dirfd(stream), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                failed = below >= 0 ? walk(all, below, level + 1) : 0;
            }
        }
        all->path[used] = '\0';
    }
    closedir(stream);
    return failed;
}

int collect_files(struct context *context) {
    static struct collection all;
    const struct request *request = context->request;
    all = (struct collection){.context = context,
                              .bytes_left = request->collect_bytes,
                              .files_left = request->collect_files,
                              .entries_left = MOST_ENTRIES};
    int failed = 0;
    for (size_t i = 0; request->collects > 0 && failed == 0 && i < request->tmpfses; i++) {
        struct stat found;
        int fd = open(request->tmpfs[i].target, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &found) != 0) {
            continue;
        }
        all.device = found.st_dev;
        snprintf(all.path, sizeof all.path, "%s", request->tmpfs[i].target);
        failed = walk(&all, fd, 0);
    }
    return failed;
}
