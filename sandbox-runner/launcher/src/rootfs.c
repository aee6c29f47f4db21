// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launch.h"

#define ROOT_OPTIONS "size=80m,nr_inodes=8192,mode=0755"

static const char *const DEVICES[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};
#define DEVICE_COUNT (sizeof DEVICES / sizeof DEVICES[0])
#define device_bind(i) ((struct bind_entry){DEVICES[i], DEVICES[i], GBL_BIND_DEVICE})

static int sys_mount_setattr(int fd, const char *path, unsigned flags, uint64_t set) {
    struct mount_attr attr = {.attr_set = set};
    return (int)syscall(SYS_mount_setattr, fd, path, flags, &attr, sizeof attr);
}

// Read-only and the like by the older call, which reaches one mount and not those below it.
static unsigned long older_flags(uint64_t set) {
    return MS_BIND | MS_REMOUNT | ((set & MOUNT_ATTR_RDONLY) ? MS_RDONLY : 0UL) |
           ((set & MOUNT_ATTR_NOSUID) ? MS_NOSUID : 0UL) | ((set & MOUNT_ATTR_NODEV) ? MS_NODEV : 0UL) |
           ((set & MOUNT_ATTR_NOEXEC) ? MS_NOEXEC : 0UL);
}

// Without mount_setattr (gVisor) a bind takes nothing of what is mounted below its source: it could not be made read-only.
static bool has_mount_setattr(void) {
    // EPERM is the pod's profile, which gVisor reads without the names that it does not know.
    return sys_mount_setattr(-1, "", AT_EMPTY_PATH, 0) == 0 || (errno != ENOSYS && errno != EPERM);
}

// Makes the directories above `path`, which is absolute; the current directory is the new root.
static void make_parents(struct context *context, const char *path) {
    char part[GBL_MAX_PATH + 2];
    for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        size_t length = (size_t)(slash - path) - 1;
        memcpy(part, path + 1, length);
        part[length] = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST && errno != EROFS) {
            die(context, "root", errno, path);
        }
    }
}

static void make_directory(struct context *context, const char *path, mode_t mode) {
    make_parents(context, path);
    if (mkdir(path + 1, mode) != 0 && errno != EEXIST) {
        die(context, "root", errno, path);
    }
}

static void make_file(struct context *context, const char *path, mode_t mode, const uint8_t *content, size_t size) {
    make_parents(context, path);
    int fd = open(path + 1, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 || write_fully(fd, content, size) != 0 || fchmod(fd, mode) != 0) {
        die(context, "file", errno, path);
    }
    close(fd);
}

static uint64_t bind_attributes(const struct context *context, const struct bind_entry *bind) {
    uint64_t set = MOUNT_ATTR_NOSUID;
    set |= on(context, GBL_OFF_READONLY) ? MOUNT_ATTR_RDONLY : 0;
    set |= (bind->flags & GBL_BIND_DEVICE) ? MOUNT_ATTR_NOEXEC : MOUNT_ATTR_NODEV;
    set |= (bind->flags & GBL_BIND_NOEXEC) ? MOUNT_ATTR_NOEXEC : 0;
    return set;
}

// A detached copy of what the source shows, read-only. Taken before the new root hides anything.
static int take_bind(struct context *context, const struct bind_entry *bind) {
    bool whole = has_mount_setattr();
    int fd = whole ? (int)syscall(SYS_open_tree, AT_FDCWD, bind->source,
                                  (unsigned)(OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE))
                   : open(bind->source, O_PATH | O_CLOEXEC);
    if (fd < 0) {
        if ((bind->flags & GBL_BIND_OPTIONAL) && errno == ENOENT) {
            return -1;
        }
        die(context, "bind", errno, bind->source);
    }
    struct stat found;
    if (fstat(fd, &found) != 0) {
        die(context, "bind", errno, bind->source);
    }
    bool device = S_ISCHR(found.st_mode);
    if (device != ((bind->flags & GBL_BIND_DEVICE) != 0) || S_ISBLK(found.st_mode)) {
        die(context, "bind", EINVAL, bind->source);
    }
    if (whole && sys_mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, bind_attributes(context, bind)) != 0) {
        die(context, "bind", errno, bind->source);
    }
    return fd;
}

static bool put_bind_older(int fd, const char *target, uint64_t set) {
    char source[32];
    snprintf(source, sizeof source, "/proc/self/fd/%d", fd);
    return mount(source, target, NULL, MS_BIND, NULL) == 0 && mount(NULL, target, NULL, older_flags(set), NULL) == 0;
}

static void put_bind(struct context *context, int fd, const struct bind_entry *bind) {
    const char *target = bind->target;
    struct stat found;
    if (fstat(fd, &found) != 0) {
        die(context, "bind", errno, target);
    }
    if (S_ISDIR(found.st_mode)) {
        make_directory(context, target, 0755);
    } else {
        make_file(context, target, 0444, NULL, 0);
    }
    bool done = has_mount_setattr()
                    ? syscall(SYS_move_mount, fd, "", AT_FDCWD, target + 1, MOVE_MOUNT_F_EMPTY_PATH) == 0
                    : put_bind_older(fd, target + 1, bind_attributes(context, bind));
    if (!done) {
        die(context, "bind", errno, target);
    }
    close(fd);
}

static void put_tmpfs(struct context *context, const struct tmpfs_entry *tmpfs) {
    char options[160];
    if (on(context, GBL_OFF_TMPFS_LIMITS)) {
        snprintf(options, sizeof options, "size=%llu,nr_inodes=%llu,mode=%o", (unsigned long long)tmpfs->bytes,
                 (unsigned long long)tmpfs->inodes, tmpfs->mode);
    } else {
        snprintf(options, sizeof options, "mode=%o", tmpfs->mode);
    }
    if (!on(context, GBL_OFF_USERNS)) {
        size_t used = strlen(options);
        snprintf(options + used, sizeof options - used, ",uid=%u,gid=%u", context->request->outside_uid,
                 context->request->outside_gid);
    }
    make_directory(context, tmpfs->target, 0755);
    unsigned long flags = MS_NOSUID | MS_NODEV | ((tmpfs->flags & GBL_TMPFS_NOEXEC) ? MS_NOEXEC : 0UL);
    if (mount("tmpfs", tmpfs->target + 1, "tmpfs", flags, options) != 0) {
        die(context, "tmpfs", errno, tmpfs->target);
    }
}

static void put_proc(struct context *context) {
    if (!(context->request->flags & GBL_FLAG_PROC)) {
        return;
    }
    make_directory(context, "/proc", 0555);
    unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | (on(context, GBL_OFF_READONLY) ? MS_RDONLY : 0UL);
    context->proc_mounted = mount("proc", "proc", "proc", flags, NULL) == 0;
    context->proc_errno = context->proc_mounted ? 0 : errno;
}

void build_root(struct context *context) {
    struct request *request = context->request;
    static int binds[GBL_MAX_BINDS];
    int devices[DEVICE_COUNT];
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
        die(context, "root", errno, "make mounts private");
    }
    for (size_t i = 0; i < request->binds; i++) {
        binds[i] = take_bind(context, &request->bind[i]);
    }
    for (size_t i = 0; i < DEVICE_COUNT; i++) {
        devices[i] = take_bind(context, &device_bind(i));
    }
    // Any directory will do to mount the new root on: the old tree is detached as a whole.
    const char *base = access("/tmp", F_OK) == 0 ? "/tmp" : "/dev";
    if (mount("tmpfs", base, "tmpfs", MS_NOSUID | MS_NODEV, ROOT_OPTIONS) != 0 || chdir(base) != 0) {
        die(context, "root", errno, base);
    }
    for (size_t i = 0; i < request->tmpfses; i++) {
        put_tmpfs(context, &request->tmpfs[i]);
    }
    for (size_t i = 0; i < request->binds; i++) {
        if (binds[i] >= 0) {
            put_bind(context, binds[i], &request->bind[i]);
        }
    }
    for (size_t i = 0; i < DEVICE_COUNT; i++) {
        put_bind(context, devices[i], &device_bind(i));
    }
    for (size_t i = 0; i < request->symlinks; i++) {
        make_parents(context, request->symlink[i].path);
        if (symlink(request->symlink[i].text, request->symlink[i].path + 1) != 0) {
            die(context, "symlink", errno, request->symlink[i].path);
        }
    }
    for (size_t i = 0; i < request->files; i++) {
        const struct file_entry *file = &request->file[i];
        make_file(context, file->path, file->mode, file->content, file->size);
    }
    put_proc(context);
    if (syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) {
        die(context, "pivot_root", errno, "/");
    }
}

void seal_root(struct context *context) {
    uint64_t set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
    set |= on(context, GBL_OFF_READONLY) ? MOUNT_ATTR_RDONLY : 0;
    bool sealed = has_mount_setattr() ? sys_mount_setattr(AT_FDCWD, "/", 0, set) == 0
                                      : mount(NULL, "/", NULL, older_flags(set), NULL) == 0;
    if (!sealed) {
        die(context, "root", errno, "make it read-only");
    }
}
