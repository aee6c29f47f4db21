// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "launch.h"

struct init {
    struct context *context;
    struct guest_pipes pipes;
    pid_t guest;
    int signals;
    int guest_status;
    bool guest_ended;
    bool listener_sent;
    bool unnamed;  // a violation ends its caller by SIGSYS instead of being notified
    bool started;
    uint64_t ended_at;
    uint32_t reaped;
    uint32_t killed;
};

noreturn void die(struct context *context, const char *stage, int error, const char *what) {
    send_error(context->inner, stage, error, "%s: %s", what, strerror(error));
    _exit(GBL_EXIT_SETUP);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}

static void await_maps(struct context *context) {
    uint8_t message[FRAME_HEADER];
    ssize_t got = read(context->inner, message, sizeof message);
    if (got != (ssize_t)sizeof message || get_u16(message) != INNER_MAPPED) {
        _exit(GBL_EXIT_SETUP);
    }
}

static void become_guest_user(struct context *context) {
    const struct request *request = context->request;
    bool mapped = with_namespaces(context) && on(context, GBL_OFF_USERNS);
    uint32_t uid = mapped ? request->inside_uid : request->outside_uid;
    uint32_t gid = mapped ? request->inside_gid : request->outside_gid;
    if (uid == UNSET_ID || gid == UNSET_ID) {
        return;  // level pod without privilege: it is the runner's own user
    }
    if (setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0) {
        die(context, "ids", errno, "setresuid");
    }
}

// The kernel's part of the chain: when the launcher goes, so does this process, and with it the pid namespace. Level pod
// has no such namespace, so there the end of file on the inner socket starts the clean-up.
static void die_with_launcher(struct context *context) {
    struct pollfd launcher = {.fd = context->inner, .events = 0};
    if (with_namespaces(context) && on(context, GBL_OFF_PIDNS)) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    } else {
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        if (context->proc < 0) {
            context->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        }
    }
    if (poll(&launcher, 1, 0) > 0 && (launcher.revents & POLLHUP)) {
        _exit(GBL_EXIT_ENGINE_GONE);
    }
}

// When memory is short, the guest goes before the runner does. Raising the score needs no privilege.
static void prefer_as_victim(void) {
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t ignored = write(fd, "1000", 4);
        (void)ignored;
        close(fd);
    }
}

static void settle_inside(struct context *context) {
    const struct request *request = context->request;
    bool own_user = on(context, GBL_OFF_USERNS);
    bool own_mounts = with_namespaces(context) && on(context, GBL_OFF_MOUNTNS);
    umask(022);
    prefer_as_victim();  // now: a change of user takes the right to write there
    if (own_user) {
        if (!with_namespaces(context)) {
            drop_bounding();  // started by root at level pod: the change of user takes the right to do it
        }
        become_guest_user(context);
    }
    die_with_launcher(context);
    observe_outside(context);
    if (with_namespaces(context) && on(context, GBL_OFF_UTSNS) &&
        sethostname(request->hostname, strlen(request->hostname)) != 0) {
        die(context, "hostname", errno, request->hostname);
    }
    if (own_mounts) {
        build_root(context);
        seal_root(context);
    }
    if (!own_user) {
        drop_bounding();
        become_guest_user(context);
        die_with_launcher(context);  // a change of user forgets the signal
    }
    if (on(context, GBL_OFF_CAPS)) {
        drop_bounding();
        if (on(context, GBL_OFF_NNP)) {  // without no_new_privs the filter needs CAP_SYS_ADMIN; execve drops it then
            drop_capabilities(context);
        }
    }
#ifdef GABION_TEST_SWITCHES
    if (!on(context, GBL_OFF_CAPS) && own_user) {
        keep_capabilities();  // those of the guest's own namespace; never those of the machine
    }
#endif
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

// The guest's first process shares the descriptor table until the listener is handed over: a filter may forbid sendmsg.
// Out of the way of a guest with few descriptors: its listener and its probes need numbers below its own limit. The table
// is one until the listener is handed over. Where the launcher itself may not have so many the number stays.
#define HIGH_DESCRIPTOR 64

static int moved_up(int fd) {
    int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR);
    if (high < 0) {
        return fd;
    }
    close(fd);
    return high;
}

static void start_guest(struct init *init) {
    int report[2];
    int go[2];
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    init->signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    if (init->signals < 0 || pipe2(report, O_CLOEXEC) != 0 || pipe2(go, O_CLOEXEC) != 0) {
        die(init->context, "init", errno, "descriptors");
    }
    init->signals = moved_up(init->signals);
    init->pipes = (struct guest_pipes){moved_up(report[0]), moved_up(report[1]), moved_up(go[0]), moved_up(go[1])};
    init->guest = (pid_t)syscall(SYS_clone, (unsigned long)(CLONE_FILES | SIGCHLD), NULL, NULL, NULL, NULL);
    if (init->guest < 0) {
        die(init->context, "fork", errno, "the guest's first process");
    }
    if (init->guest == 0) {
        guest_main(init->context, &init->pipes);
    }
}

static void send_listener(struct init *init, int listener) {
    uint8_t header[FRAME_HEADER] = {INNER_LISTENER & 0xff, INNER_LISTENER >> 8};
    struct iovec part = {header, sizeof header};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    memset(&control, 0, sizeof control);
    if (listener >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(rights), &listener, sizeof listener);
    }
    if (sendmsg(init->context->inner, &message, 0) != (ssize_t)sizeof header) {
        die(init->context, "seccomp", errno, "hand over the listener");
    }
}

// The guest's first message: its listener. From here on both have tables of their own.
static void hand_over(struct init *init, int listener) {
    send_listener(init, listener);
    if (unshare(CLONE_FILES) != 0) {
        die(init->context, "init", errno, "unshare descriptors");
    }
    if (listener >= 0) {
        close(listener);
    }
    close(init->pipes.report_write);
    close(init->pipes.go_read);
    init->listener_sent = true;
    if (write(init->pipes.go_write, "p", 1) != 1) {
        die(init->context, "init", errno, "the guest's first process is gone");
    }
}

static void on_started(struct init *init) {
    static struct frame frame;
    close(init->pipes.report_read);
    init->pipes.report_read = -1;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; i <= 2; i++) {
        if (null < 0 || dup3(null, i, O_CLOEXEC) < 0) {
            close(i);
        }
    }
    if (null > 2) {
        close(null);
    }
    init->started = true;
    frame_begin(&frame, GBL_EV_STARTED, 0);
    put_u64(&frame, now());
    put_u32(&frame, 0);  // the launcher fills in the pid that it sees
    frame_send(init->context->inner, &frame);
}

static void on_report(struct init *init) {
    int32_t word;
    int got = read_fully(init->pipes.report_read, &word, sizeof word);
    if (got == 1 && !init->listener_sent) {
        init->unnamed = word < 0 && on(init->context, GBL_OFF_SECCOMP);
        hand_over(init, word);
    } else if (got == 1) {
        die(init->context, "exec", word, init->context->request->argv[0]);
    } else if (got == 0 && init->listener_sent) {
        on_started(init);
    } else {
        die(init->context, "init", errno, "report");
    }
}

static void reap(struct init *init, int options) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, options | __WALL)) > 0 || (pid < 0 && errno == EINTR)) {
        if (pid < 0) {
            continue;
        }
        init->reaped++;
        if (pid == init->guest) {
            init->guest_status = status;
            init->guest_ended = true;
            init->ended_at = now();
        }
    }
}

static void kill_all(struct init *init) {
    bool own_pids = with_namespaces(init->context) && on(init->context, GBL_OFF_PIDNS);
    uint32_t before = init->reaped;
    bool main_was_alive = !init->guest_ended;
    for (;;) {
        siginfo_t left;
        if (own_pids) {
            kill(-1, SIGKILL);
            reap(init, 0);
        } else {
            if (!init->guest_ended) {
                kill(init->guest, SIGKILL);
            }
            kill_descendants(init->context->proc, getpid());
            reap(init, WNOHANG);
        }
        if (waitid(P_ALL, 0, &left, WEXITED | WNOHANG | WNOWAIT | __WALL) < 0 && errno == ECHILD) {
            break;
        }
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    init->killed = init->reaped - before - (main_was_alive && init->guest_ended ? 1U : 0U);
}

static noreturn void finish(struct init *init, uint8_t cause, bool collect) {
    static struct frame frame;
    struct rusage usage;
    kill_all(init);
    getrusage(RUSAGE_CHILDREN, &usage);
    bool signalled = WIFSIGNALED(init->guest_status);
    int code = signalled ? WTERMSIG(init->guest_status) : WEXITSTATUS(init->guest_status);
    if (init->unnamed && signalled && code == SIGSYS && cause == GBL_CAUSE_GUEST) {
        cause = GBL_CAUSE_VIOLATION;
    }
    frame_begin(&frame, GBL_EV_EXIT, 0);
    put_u8(&frame, cause);
    put_u8(&frame, signalled ? 1 : 0);
    put_u16(&frame, (uint16_t)code);
    put_u64(&frame, (uint64_t)usage.ru_utime.tv_sec * 1000000U + (uint64_t)usage.ru_utime.tv_usec);
    put_u64(&frame, (uint64_t)usage.ru_stime.tv_sec * 1000000U + (uint64_t)usage.ru_stime.tv_usec);
    put_u64(&frame, UINT64_MAX);  // perf: filled in by the launcher
    put_u64(&frame, (uint64_t)usage.ru_maxrss * 1024U);
    put_u64(&frame, (uint64_t)usage.ru_inblock);
    put_u64(&frame, (uint64_t)usage.ru_oublock);
    put_u64(&frame, init->ended_at);
    put_u32(&frame, init->reaped);
    put_u32(&frame, init->killed);
    if (frame_send(init->context->inner, &frame) != 0 ||
        (collect && init->started && collect_files(init->context) != 0)) {
        _exit(GBL_EXIT_ENGINE_GONE);
    }
    frame_begin(&frame, GBL_EV_DONE, 0);
    frame_send(init->context->inner, &frame);
    _exit(0);
}

static void on_message(struct init *init) {
    uint8_t message[64];
    ssize_t got = read(init->context->inner, message, sizeof message);
    if (got < (ssize_t)FRAME_HEADER) {  // the launcher is gone
        kill_all(init);
        _exit(GBL_EXIT_ENGINE_GONE);
    }
    switch (get_u16(message)) {
        case INNER_GO:
            if (write(init->pipes.go_write, "g", 1) != 1) {
                die(init->context, "exec", errno, "the guest's first process is gone");
            }
            break;
        case INNER_KILL:
            finish(init, message[FRAME_HEADER], get_u16(message + 2) == 0);
        case INNER_SIGNAL:
            if (init->started && !init->guest_ended) {
                kill(init->guest, (int)get_u32(message + FRAME_HEADER));
            }
            break;
        default:
            die(init->context, "init", EPROTO, "unknown message");
    }
}

static void on_child(struct init *init) {
    struct signalfd_siginfo ignored;
    while (read(init->signals, &ignored, sizeof ignored) > 0) {
    }
    reap(init, WNOHANG);
    if (!init->guest_ended) {
        return;
    }
    if (!init->started && init->listener_sent) {
        on_report(init);  // end of file after a short life, or the errno of execve
    }
    if (!init->started) {
        send_error(init->context->inner, "guest", 0, "the guest's first process ended before it ran (status %#x)",
                   (unsigned)init->guest_status);
        _exit(GBL_EXIT_SETUP);
    }
    finish(init, GBL_CAUSE_GUEST, true);
}

noreturn void init_main(struct context *context) {
    static struct init init;
    init.context = context;
    await_maps(context);
    settle_inside(context);
    start_guest(&init);
    for (;;) {
        struct pollfd waiting[3] = {{.fd = context->inner, .events = POLLIN},
                                    {.fd = init.pipes.report_read, .events = POLLIN},
                                    {.fd = init.signals, .events = POLLIN}};
        if (poll(waiting, 3, -1) < 0) {
            if (errno == EINTR) {
                continue;
            }
            die(context, "init", errno, "poll");
        }
        if (waiting[1].revents != 0) {
            on_report(&init);
        } else if (waiting[0].revents != 0) {
            on_message(&init);
        } else if (waiting[2].revents != 0) {
            on_child(&init);
        }
    }
}
