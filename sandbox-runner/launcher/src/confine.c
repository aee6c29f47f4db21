// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch.h"
#include "landlock.h"
#include "launch.h"

void drop_bounding(void) {
    for (int i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++) {
        prctl(PR_CAPBSET_DROP, i, 0, 0, 0);  // what could not be dropped is found by the probe
    }
}

#ifdef GABION_TEST_SWITCHES
// The switch's other half: without this an execve as another user than root drops them anyway, and nothing would be off.
void keep_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct caps[2];
    if (syscall(SYS_capget, &header, caps) == 0) {
        caps[0].inheritable = caps[0].permitted;
        caps[1].inheritable = caps[1].permitted;
        syscall(SYS_capset, &header, caps);
    }
    for (int i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++) {
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0);  // what it does not have is not raised
    }
}
#endif

void drop_capabilities(struct context *context) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2];
    memset(none, 0, sizeof none);
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_capset, &header, none) != 0) {
        die(context, "capabilities", errno, "capset");
    }
}

static void use_default(struct request *request, int resource) {
    if (!request->rlimit[resource].set) {
        request->rlimit[resource] = (struct rlimit_entry){.set = true, .unasked = true};
    }
}

void set_rlimits(struct context *context) {
    struct request *request = context->request;
    use_default(request, RLIMIT_CORE);
    use_default(request, RLIMIT_MEMLOCK);
    use_default(request, RLIMIT_MSGQUEUE);
    if (request->rlimit[RLIMIT_NPROC].set && with_namespaces(context) && on(context, GBL_OFF_USERNS)) {
        struct rlimit_entry *processes = &request->rlimit[RLIMIT_NPROC];
        processes->soft += processes->soft < UINT64_MAX ? 1 : 0;  // the init counts, too
        processes->hard += processes->hard < UINT64_MAX ? 1 : 0;
    }
    for (int i = 0; i < GBL_MAX_RLIMITS && on(context, GBL_OFF_RLIMITS); i++) {
        struct rlimit_entry *wanted = &request->rlimit[i];
        struct rlimit now;
        if (!wanted->set) {
            continue;
        }
        if (syscall(SYS_prlimit64, 0, i, NULL, &now) != 0) {
            die(context, "rlimits", errno, "getrlimit");
        }
        // Never more than the launcher itself has: raising a hard limit is a privilege.
        wanted->hard = wanted->hard < now.rlim_max ? wanted->hard : now.rlim_max;
        wanted->soft = wanted->soft < wanted->hard ? wanted->soft : wanted->hard;
        struct rlimit limit = {wanted->soft, wanted->hard};
        if (syscall(SYS_prlimit64, 0, i, &limit, NULL) != 0) {
            if (wanted->unasked && errno == EPERM) {  // lowering is no privilege: gVisor does not know this limit
                wanted->refused = true;
                continue;
            }
            die(context, "rlimits", errno, "setrlimit");
        }
    }
}

int landlock_version(void) {
    return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

static int allow_path(int ruleset, const char *path, uint64_t access, uint64_t handled) {
    struct stat found;
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? 0 : -1;
    }
    if (fstat(fd, &found) == 0 && !S_ISDIR(found.st_mode)) {
        access &= LANDLOCK_FILE_RIGHTS;
    }
    struct landlock_path_beneath_attr rule = {.allowed_access = access & handled, .parent_fd = fd};
    int failed = (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    int error = errno;
    close(fd);
    errno = error;
    return failed;
}

static int allow_paths(const struct context *context, int ruleset, uint64_t handled) {
    const struct request *request = context->request;
    const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};
    bool own_root = with_namespaces(context) && on(context, GBL_OFF_MOUNTNS);
    int failed = own_root ? allow_path(ruleset, "/", LANDLOCK_READ_RIGHTS, handled) : 0;
    for (size_t i = 0; failed == 0 && i < request->binds; i++) {
        const struct bind_entry *bind = &request->bind[i];
        uint64_t access = (bind->flags & GBL_BIND_DEVICE) ? LANDLOCK_WRITE_RIGHTS : LANDLOCK_READ_RIGHTS;
        failed = allow_path(ruleset, own_root ? bind->target : bind->source, access, handled);
    }
    for (size_t i = 0; failed == 0 && i < sizeof devices / sizeof devices[0]; i++) {
        failed = allow_path(ruleset, devices[i], LANDLOCK_WRITE_RIGHTS, handled);
    }
    for (size_t i = 0; failed == 0 && i < request->tmpfses; i++) {
        failed = allow_path(ruleset, request->tmpfs[i].target, LANDLOCK_WRITE_RIGHTS, handled);
    }
    return failed;
}

void enter_landlock(struct context *context) {
    if (!(context->request->flags & GBL_FLAG_LANDLOCK) || !on(context, GBL_OFF_LANDLOCK)) {
        return;
    }
    int abi = landlock_version();
    if (abi < 1) {
        context->landlock_errno = errno;
        return;
    }
    struct gabion_landlock_attr attr = {.fs = landlock_fs_rights(abi),
                                        .net = abi >= 4 ? LANDLOCK_NET_RIGHTS : 0,
                                        .scoped = abi >= 6 && on(context, GBL_OFF_SCOPES) ? LANDLOCK_SCOPES : 0};
    size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
    if (ruleset < 0 || allow_paths(context, ruleset, attr.fs) != 0 ||
        syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) {
        die(context, "landlock", errno, "restrict");
    }
    close(ruleset);
    context->landlock_abi = abi;
    context->landlocked = true;
}

// In front of the request's program: foreign architectures and x32 are violations, whatever it says.
static unsigned put_prelude(struct sock_filter *at) {
    unsigned n = 0;
    at[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
#ifdef GBL_X32_BIT
    at[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, GBL_NATIVE_ARCH, 0, 2);
    at[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    at[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, GBL_X32_BIT, 0, 1);
#else
    at[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, GBL_NATIVE_ARCH, 1, 0);
#endif
    at[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
    return n;
}

// Without notifications a violation ends its caller (gVisor: the calling thread) with SIGSYS, unnamed.
static void end_instead_of_notify(struct sock_filter *program, unsigned length) {
    for (unsigned i = 0; i < length; i++) {
        if (program[i].code == (BPF_RET | BPF_K) && (program[i].k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_USER_NOTIF) {
            program[i].k = SECCOMP_RET_KILL_PROCESS;
        }
    }
}

// What one call answers under the filter, tried by a child because it may end there: 0 done, an errno, or -SIGSYS.
static int try_under(const struct sock_fprog *filter, enum trial trial) {
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter) != 0) {
            _exit(0);
        }
        long answer = trial == TRIAL_UNSHARE  ? unshare(CLONE_NEWUSER)
                      : trial == TRIAL_SOCKET ? socket(AF_INET, SOCK_STREAM, 0)
                                              : prctl(PR_GET_SECCOMP, 0, 0, 0, 0);
        bool off = trial == TRIAL_MODE && answer >= 0 && answer != SECCOMP_MODE_FILTER;
        _exit(off ? ENOSYS : answer >= 0 ? 0 : errno);
    }
    if (pid < 0 || waitpid(pid, &status, __WALL) != pid) {
        return 0;  // not tried is not refused
    }
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int install_without_listener(struct context *context, const struct sock_fprog *filter) {
    end_instead_of_notify(filter->filter, filter->len);
    for (int i = 0; i < TRIALS; i++) {
        context->trials[i] = try_under(filter, (enum trial)i);
    }
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter) != 0) {
        die(context, "seccomp", errno, "install the filter");
    }
    context->unnamed = true;
    return -1;
}

int install_filter(struct context *context) {
    static struct sock_filter program[GBL_MAX_SECCOMP_INSTRUCTIONS + 8];
    const struct request *request = context->request;
    if (!on(context, GBL_OFF_SECCOMP)) {
        return -1;
    }
    unsigned n = put_prelude(program);
    for (size_t i = 0; i < request->filter_length; i++) {
        const uint8_t *from = request->filter + 8 * i;
        program[n++] = (struct sock_filter){get_u16(from), from[2], from[3], get_u32(from + 4)};
    }
    struct sock_fprog filter = {(unsigned short)n, program};
    int listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
    if (listener < 0 && errno == EINVAL && !(request->flags & GBL_FLAG_LEARN)) {
        return install_without_listener(context, &filter);
    }
    if (listener < 0) {
        die(context, "seccomp", errno, "install the filter");
    }
    return listener;
}
