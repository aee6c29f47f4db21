// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launch.h"

static const char *const NAMESPACE_FILES[NAMESPACES] = {"user", "pid", "mnt", "net", "ipc", "uts", "cgroup"};

void read_namespaces(uint64_t ids[NAMESPACES]) {
    for (int i = 0; i < NAMESPACES; i++) {
        char path[64];
        struct stat found;
        snprintf(path, sizeof path, "/proc/self/ns/%s", NAMESPACE_FILES[i]);
        ids[i] = stat(path, &found) == 0 ? (uint64_t)found.st_ino : 0;
    }
}

static uint64_t namespace_flags(const struct context *context) {
    if (!with_namespaces(context)) {
        return 0;
    }
    uint64_t flags = CLONE_NEWCGROUP;
    flags |= on(context, GBL_OFF_USERNS) ? CLONE_NEWUSER : 0;
    flags |= on(context, GBL_OFF_PIDNS) ? CLONE_NEWPID : 0;
    flags |= on(context, GBL_OFF_MOUNTNS) ? CLONE_NEWNS : 0;
    flags |= on(context, GBL_OFF_NETNS) ? CLONE_NEWNET : 0;
    flags |= on(context, GBL_OFF_IPCNS) ? CLONE_NEWIPC : 0;
    flags |= on(context, GBL_OFF_UTSNS) ? CLONE_NEWUTS : 0;
    return flags;
}

// clone3; clone where a filter answers clone3 with ENOSYS or EPERM (filters cannot read its flags).
static pid_t clone_with(uint64_t flags, int *pidfd) {
    struct clone_args args = {
        .flags = flags | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)pidfd, .exit_signal = SIGCHLD};
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
    if (pid < 0 && (errno == ENOSYS || errno == EPERM)) {
        pid = (pid_t)syscall(SYS_clone, (unsigned long)(flags | CLONE_PIDFD | SIGCHLD), NULL, pidfd, NULL, NULL);
    }
    return pid;
}

// A kernel without cgroup namespaces (gVisor) says EINVAL; this one hides a name and confines nothing.
static pid_t clone_all(uint64_t flags, int *pidfd) {
    pid_t pid = clone_with(flags, pidfd);
    if (pid < 0 && errno == EINVAL && (flags & CLONE_NEWCGROUP)) {
        pid = clone_with(flags & ~(uint64_t)CLONE_NEWCGROUP, pidfd);
    }
    return pid;
}

static int write_file_of(pid_t pid, const char *name, const char *text) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    ssize_t written = write(fd, text, strlen(text));
    int error = errno;
    close(fd);
    errno = error;
    return written == (ssize_t)strlen(text) ? 0 : -1;
}

static int write_id_maps(const struct request *request, pid_t pid) {
    char map[64];
    uint32_t uid = request->outside_uid == UNSET_ID ? geteuid() : request->outside_uid;
    uint32_t gid = request->outside_gid == UNSET_ID ? getegid() : request->outside_gid;
    snprintf(map, sizeof map, "%u %u 1\n", request->inside_uid, uid);
    if (write_file_of(pid, "uid_map", map) != 0 || write_file_of(pid, "setgroups", "deny") != 0) {
        return -1;
    }
    snprintf(map, sizeof map, "%u %u 1\n", request->inside_gid, gid);
    return write_file_of(pid, "gid_map", map);
}

// CPU time of the whole tree, also of children that nobody waits for. Not everywhere allowed: then -1.
static int count_cpu_time(pid_t pid) {
    struct perf_event_attr attr = {
        .type = PERF_TYPE_SOFTWARE, .size = sizeof attr, .config = PERF_COUNT_SW_TASK_CLOCK, .inherit = 1};
    int fd = (int)syscall(SYS_perf_event_open, &attr, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (fd < 0) {
        attr.exclude_kernel = 1;
        attr.exclude_hv = 1;
        fd = (int)syscall(SYS_perf_event_open, &attr, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
    }
    return fd;
}

// Root must name the ids that the guest gets; a launcher without privilege may only give its own.
static bool ids_are_allowed(const struct request *request) {
    if (geteuid() == 0 || getegid() == 0) {
        return request->outside_uid != UNSET_ID && request->outside_gid != UNSET_ID;
    }
    return (request->outside_uid == UNSET_ID || request->outside_uid == geteuid()) &&
           (request->outside_gid == UNSET_ID || request->outside_gid == getegid());
}

pid_t spawn_init(struct context *context, int engine, int pair[2], int *pidfd, int *perf, const char **stage) {
    static struct frame frame;
    *stage = "ids";
    if (!ids_are_allowed(context->request)) {
        errno = EPERM;
        return -1;
    }
    if (geteuid() == 0 && setgroups(0, NULL) != 0) {
        return -1;
    }
    *stage = "socketpair";
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0 ||
        setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int)) != 0) {
        return -1;
    }
    read_namespaces(context->outer_ns);
    *stage = "clone";
    pid_t pid = clone_all(namespace_flags(context), pidfd);
    if (pid < 0) {
        return -1;
    }
    if (pid == 0) {
        close(engine);
        close(pair[0]);
        context->inner = pair[1];
        init_main(context);
    }
    close(pair[1]);
    context->inner = pair[0];
    *stage = "id maps";
    if (with_namespaces(context) && on(context, GBL_OFF_USERNS) && write_id_maps(context->request, pid) != 0) {
        return -1;
    }
    *perf = count_cpu_time(pid);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    *stage = "init";
    frame_begin(&frame, INNER_MAPPED, 0);
    return frame_send(context->inner, &frame) == 0 ? pid : -1;
}
