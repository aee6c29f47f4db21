// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
//
// The proofs: each control is tried from inside, none is taken on trust.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "launch.h"

static void read_line(const char *path, char *line, size_t size) {
    line[0] = '\0';
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    ssize_t got = read(fd, line, size - 1);
    close(fd);
    line[got > 0 ? got : 0] = '\0';
    line[strcspn(line, "\n")] = '\0';
}

// "  65532   100000      1" becomes "65532 100000 1".
static void squeeze(char *text) {
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        if (*from != ' ' || (to > text && to[-1] != ' ')) {
            *to++ = *from;
        }
    }
    while (to > text && to[-1] == ' ') {
        to--;
    }
    *to = '\0';
}

static void add(char *text, size_t size, const char *more) {
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", more);
}

// Interfaces that are up, by the kernel's list; loopback included.
static bool find_interfaces(struct context *context) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return false;
    }
    for (int i = 1; i <= 64; i++) {
        struct ifreq interface = {.ifr_ifindex = i};
        if (ioctl(fd, SIOCGIFNAME, &interface) == 0 && ioctl(fd, SIOCGIFFLAGS, &interface) == 0 &&
            (interface.ifr_flags & IFF_UP)) {
            add(context->network, sizeof context->network, interface.ifr_name);
        }
    }
    close(fd);
    return true;
}

// Lines of a routing table of /proc; -1 when it cannot be read.
static int count_lines(const char *path) {
    int lines = 0;
    char bytes[4096];
    ssize_t got;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT && access("/proc/self/net", F_OK) == 0 ? 0 : -1;
    }
    while ((got = read(fd, bytes, sizeof bytes)) > 0) {
        for (ssize_t i = 0; i < got; i++) {
            lines += bytes[i] == '\n';
        }
    }
    close(fd);
    return lines;
}

void observe_outside(struct context *context) {
    struct stat root;
    context->outer_root = stat("/", &root) == 0 ? (uint64_t)root.st_dev : 0;
    read_namespaces(context->inner_ns);
    read_line("/proc/self/uid_map", context->uid_map, sizeof context->uid_map);
    read_line("/proc/self/gid_map", context->gid_map, sizeof context->gid_map);
    squeeze(context->uid_map);
    squeeze(context->gid_map);
    int v4 = count_lines("/proc/self/net/route");  // its first line is a heading
    int v6 = count_lines("/proc/self/net/ipv6_route");
    context->network_known = find_interfaces(context) && v4 >= 0 && v6 >= 0;
    if (v4 > 1 || (v6 > 0 && context->network[0] != '\0')) {
        add(context->network, sizeof context->network, "routes");
    }
}

static void probe_namespaces(struct context *context) {
    static const struct {
        int index;
        const char *name;
        const char *shared;  // at level Pod
    } wanted[] = {{NS_USER, "UserNamespace", "the pod's, and the runner's uid"},
                  {NS_PID, "PidNamespace", "the pod's: it sees the runner; Landlock and the filter keep its signals off"},
                  {NS_MOUNT, "MountNamespace", "the pod's: Landlock keeps it to its paths"},
                  {NS_NET, "NetworkNamespace", "the pod's: the filter refuses sockets"},
                  {NS_IPC, "IpcNamespace", "the pod's: the filter refuses System V IPC"},
                  {NS_UTS, "UtsNamespace", "the pod's: it sees the pod's name"}};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        uint64_t outer = context->outer_ns[wanted[i].index];
        uint64_t inner = context->inner_ns[wanted[i].index];
        if (!with_namespaces(context)) {
            send_probe(context->inner, wanted[i].name, GBL_PROBE_NOT_APPLICABLE, "level Pod: %s", wanted[i].shared);
        } else if (outer == 0 || inner == 0) {
            send_probe(context->inner, wanted[i].name, GBL_PROBE_UNKNOWN, "/proc/self/ns cannot be read");
        } else {
            send_probe(context->inner, wanted[i].name, outer != inner ? GBL_PROBE_PRESENT : GBL_PROBE_ABSENT,
                       "inside %llu, launcher %llu", (unsigned long long)inner, (unsigned long long)outer);
        }
    }
}

static void probe_ids(struct context *context) {
    if (!with_namespaces(context)) {
        send_probe(context->inner, "UidMap", GBL_PROBE_NOT_APPLICABLE, "level Pod: the runner's uid %u", getuid());
        return;
    }
    unsigned inside = 0;
    unsigned outside = 0;
    unsigned count = 0;
    unsigned groups = 0;
    bool single = sscanf(context->uid_map, "%u %u %u", &inside, &outside, &count) == 3 && count == 1 &&
                  sscanf(context->gid_map, "%*u %*u %u", &groups) == 1 && groups == 1;
    bool refused = setresuid(0, 0, 0) != 0;
    int error = errno;
    send_probe(context->inner, "UidMap", single && refused && inside == getuid() ? GBL_PROBE_PRESENT : GBL_PROBE_ABSENT,
               "uid_map \"%s\", gid_map \"%s\", setuid(0): %s", context->uid_map, context->gid_map,
               refused ? strerrorname_np(error) : "done");
}

// True when a file could be made in the directory.
static bool can_write(const char *directory, int *error) {
    char path[GBL_MAX_PATH + 32];
    snprintf(path, sizeof path, "%s/.gabion-probe", directory);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    *error = errno;
    if (fd >= 0) {
        close(fd);
        unlink(path);
        return true;
    }
    return false;
}

static void probe_root(struct context *context) {
    const struct request *request = context->request;
    struct statfs root;
    int error = 0;
    if (!with_namespaces(context)) {
        send_probe(context->inner, "ReadOnlyRoot", GBL_PROBE_NOT_APPLICABLE,
                   "level Pod: the pod's own root; the work directory is watched, not bounded by a file system");
        return;
    }
    bool own = statfs("/", &root) == 0 && root.f_type == TMPFS_MAGIC;
    struct stat now;
    own = own && stat("/", &now) == 0 && (uint64_t)now.st_dev != context->outer_root;
    const char *writable = !own ? "the old root is here" : can_write("/", &error) ? "/" : NULL;
    int root_error = error;
    bool read_only = (root.f_flags & 1 /* ST_RDONLY */) != 0;
    for (size_t i = 0; writable == NULL && i < request->binds; i++) {
        struct statfs bound;
        if (statfs(request->bind[i].target, &bound) == 0 && !(bound.f_flags & 1)) {
            writable = request->bind[i].target;
        } else if (can_write(request->bind[i].target, &error)) {
            writable = request->bind[i].target;
        }
    }
    if (writable != NULL || !read_only) {
        send_probe(context->inner, "ReadOnlyRoot", GBL_PROBE_ABSENT, "writable: %.200s", writable ? writable : "/");
    } else {
        send_probe(context->inner, "ReadOnlyRoot", GBL_PROBE_PRESENT, "create in /: %s; %zu binds read-only",
                   strerrorname_np(root_error), request->binds);
    }
}

static void probe_network(struct context *context) {
    if (!with_namespaces(context)) {
        send_probe(context->inner, "NoNetworkInterface", GBL_PROBE_NOT_APPLICABLE, "level Pod: the pod's interfaces; the filter refuses sockets");
    } else if (!context->network_known) {
        send_probe(context->inner, "NoNetworkInterface", GBL_PROBE_UNKNOWN, "interfaces or routes cannot be read");
    } else if (context->network[0] == '\0') {
        send_probe(context->inner, "NoNetworkInterface", GBL_PROBE_PRESENT, "no interface up, no route");
    } else {
        send_probe(context->inner, "NoNetworkInterface", GBL_PROBE_ABSENT, "up: %s", context->network);
    }
}

static void probe_capabilities(struct context *context) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct caps[2];
    memset(caps, 0xff, sizeof caps);
    syscall(SYS_capget, &header, caps);
    int bounding = 0;
    int ambient = 0;
    for (int i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++) {
        bounding += prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1;
        ambient += prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0) == 1;
    }
    bool none = bounding == 0 && ambient == 0 && (caps[0].effective | caps[1].effective | caps[0].permitted |
                                                  caps[1].permitted | caps[0].inheritable | caps[1].inheritable) == 0;
    send_probe(context->inner, "NoCapabilities", none ? GBL_PROBE_PRESENT : GBL_PROBE_ABSENT,
               "CapEff %08x%08x CapPrm %08x%08x CapInh %08x%08x, %d in CapBnd, %d in CapAmb", caps[1].effective,
               caps[0].effective, caps[1].permitted, caps[0].permitted, caps[1].inheritable, caps[0].inheritable,
               bounding, ambient);
}

static void probe_landlock(struct context *context) {
    const struct request *request = context->request;
    char path[GBL_MAX_PATH + 32];
    if (!(request->flags & GBL_FLAG_LANDLOCK)) {
        send_probe(context->inner, "Landlock", GBL_PROBE_NOT_APPLICABLE, "not asked for");
        return;
    }
    if (!context->landlocked) {
        send_probe(context->inner, "Landlock", GBL_PROBE_ABSENT, "not in this kernel: %s",
                   context->landlock_errno ? strerrorname_np(context->landlock_errno) : "switched off");
        return;
    }
    // At level Pod nothing else keeps signals inside: a filter cannot know every thread of engine and supervisor.
    if (!with_namespaces(context) && (kill(getppid(), 0) == 0 || errno != EPERM)) {
        send_probe(context->inner, "Landlock", GBL_PROBE_ABSENT,
                   "ABI %d: signals reach the supervisor; level Pod needs ABI 6 (Linux 6.12)", context->landlock_abi);
        return;
    }
    if (request->tmpfses == 0) {
        send_probe(context->inner, "Landlock", GBL_PROBE_PRESENT, "ABI %d, domain entered", context->landlock_abi);
        return;
    }
    // Without Landlock the missing capability would answer EPERM.
    snprintf(path, sizeof path, "%s/.gabion-probe", request->tmpfs[0].target);
    int failed = mknod(path, S_IFCHR | 0600, 0x103);
    int error = errno;
    if (failed == 0) {
        unlink(path);
    }
    send_probe(context->inner, "Landlock", failed != 0 && error == EACCES ? GBL_PROBE_PRESENT : GBL_PROBE_ABSENT,
               "ABI %d, mknod in %.100s: %s", context->landlock_abi, request->tmpfs[0].target,
               failed != 0 ? strerrorname_np(error) : "done");
}

static void probe_limits(struct context *context) {
    static const char *const names[GBL_MAX_RLIMITS] = {"CPU", "FSIZE", "DATA", "STACK", "CORE", "RSS", "NPROC",
        "NOFILE", "MEMLOCK", "AS", "LOCKS", "SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME"};
    char text[250] = "";
    bool all = true;
    for (int i = 0; i < GBL_MAX_RLIMITS; i++) {
        const struct rlimit_entry *wanted = &context->request->rlimit[i];
        struct rlimit now = {RLIM_INFINITY, RLIM_INFINITY};
        char one[64];
        if (!wanted->set) {
            continue;
        }
        if (wanted->refused) {
            snprintf(one, sizeof one, "%s not known to this kernel", names[i]);
            add(text, sizeof text, one);
            continue;
        }
        syscall(SYS_prlimit64, 0, i, NULL, &now);
        all = all && now.rlim_cur == wanted->soft && now.rlim_max == wanted->hard;
        snprintf(one, sizeof one, now.rlim_cur == RLIM_INFINITY ? "%s unlimited" : "%s %llu", names[i],
                 (unsigned long long)now.rlim_cur);
        add(text, sizeof text, one);
    }
    send_probe(context->inner, "ResourceLimits", all ? GBL_PROBE_PRESENT : GBL_PROBE_ABSENT, "%s", text);
}

static void probe_proc(struct context *context) {
    bool wanted = (context->request->flags & GBL_FLAG_PROC) != 0;
    bool there = access("/proc/self/status", F_OK) == 0;
    if (!with_namespaces(context)) {
        send_probe(context->inner, "ProcHidden", GBL_PROBE_NOT_APPLICABLE, "level Pod: the pod's /proc; Landlock closes it");
    } else if (wanted && context->proc_mounted) {
        send_probe(context->inner, "ProcHidden", GBL_PROBE_NOT_APPLICABLE, "private /proc, as asked");
    } else if (wanted) {
        send_probe(context->inner, "ProcHidden", GBL_PROBE_ABSENT, "private /proc refused by the kernel: %s",
                   context->proc_errno ? strerrorname_np(context->proc_errno) : "no mount namespace");
    } else {
        send_probe(context->inner, "ProcHidden", there ? GBL_PROBE_ABSENT : GBL_PROBE_PRESENT, "/proc/self/status: %s",
                   there ? "readable" : "ENOENT");
    }
}

void probe_before_filter(struct context *context) {
    probe_namespaces(context);
    probe_ids(context);
    probe_root(context);
    probe_network(context);
    probe_capabilities(context);
    bool locked = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    send_probe(context->inner, "NoNewPrivileges", locked ? GBL_PROBE_PRESENT : GBL_PROBE_ABSENT, "no_new_privs %d", locked);
    probe_landlock(context);
    probe_limits(context);
    probe_proc(context);
}

static const char *trial_result(int result) {
    return result == 0 ? "done" : result == -SIGSYS ? "SIGSYS" : result < 0 ? "killed" : strerrorname_np(result);
}

// By the request's own program, as the engine reads it: then one that opens says nothing about the filter.
static bool sockets_allowed(const struct context *context) {
    return (context->request->flags & GBL_FLAG_SOCKETS) != 0;
}

static void probe_unnamed_filter(struct context *context) {
    bool filtered = context->trials[TRIAL_MODE] == 0 && context->trials[TRIAL_UNSHARE] != 0 &&
                    (context->trials[TRIAL_SOCKET] != 0 || sockets_allowed(context));
    send_probe(context->inner, "Seccomp", filtered ? GBL_PROBE_PRESENT : GBL_PROBE_ABSENT,
               "no notifications in this kernel: a violation ends the caller by SIGSYS, unnamed; mode 2: %s, "
               "unshare(CLONE_NEWUSER): %s, socket(AF_INET): %s",
               context->trials[TRIAL_MODE] == 0 ? "yes" : "no", trial_result(context->trials[TRIAL_UNSHARE]),
               trial_result(context->trials[TRIAL_SOCKET]));
}

void probe_after_filter(struct context *context) {
    if (context->unnamed) {
        probe_unnamed_filter(context);
        return;
    }
    int mode = prctl(PR_GET_SECCOMP, 0, 0, 0, 0);
    int mode_error = errno;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    const char *found = fd >= 0 ? "opened" : strerrorname_np(errno);
    if (fd >= 0) {
        close(fd);
    }
    bool learning = (context->request->flags & GBL_FLAG_LEARN) != 0;
    bool refused = on(context, GBL_OFF_SECCOMP);
    const char *unshared = "not tried";
    if (!learning && on(context, GBL_OFF_SECCOMP)) {  // else it would be let through
        refused = unshare(CLONE_NEWUSER) != 0;
        unshared = refused ? strerrorname_np(errno) : "done";
    }
    bool filtered = (mode == 2 || (mode < 0 && mode_error != EINVAL)) && refused && !learning &&
                    (fd < 0 || sockets_allowed(context));
    send_probe(context->inner, "Seccomp", filtered ? GBL_PROBE_PRESENT : GBL_PROBE_ABSENT,
               "mode %d, unshare(CLONE_NEWUSER): %s, socket(AF_INET): %s%s", mode, unshared, found,
               learning ? ", learning: calls are reported, not refused" : "");
}
