// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
//
// The launcher after clone: between the engine (commands, events), the init (messages) and the seccomp listener.
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "launch.h"

#define EXEC_TIMEOUT_MS 30000
#define END_TIMEOUT_MS 20000
#define EXIT_PERF_OFFSET (FRAME_HEADER + 20U)  // in a GBL_EV_EXIT frame

enum phase { SETTING_UP, READY, GOING, RUNNING, ENDING };

struct supervisor {
    struct context *context;
    int engine;
    int listener;
    int pidfd;
    int perf;
    pid_t init;
    pid_t guest;
    enum phase phase;
    uint64_t deadline;  // milliseconds, 0: none
};

static uint64_t now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000U + (uint64_t)time.tv_nsec / 1000000U;
}

static int init_gone(const struct supervisor *self, int timeout_ms) {
    struct pollfd init = {.fd = self->pidfd, .events = POLLIN};
    return poll(&init, 1, timeout_ms) > 0;
}

// Everything of the guest ends: with the init goes its pid namespace. Without one the init is told by the end of file on
// its socket, and what it left becomes a child of this process, which is a subreaper then.
static noreturn void end_all(struct supervisor *self, int code) {
    bool own_pids = with_namespaces(self->context) && on(self->context, GBL_OFF_PIDNS);
    if (self->init > 0) {
        close(self->context->inner);
        if (own_pids || !init_gone(self, END_TIMEOUT_MS)) {
            kill(self->init, SIGKILL);
        }
        waitpid(self->init, NULL, __WALL);
        self->context->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        while (!own_pids && waitpid(-1, NULL, WNOHANG | __WALL) >= 0) {
            kill_descendants(self->context->proc, getpid());
        }
    }
    _exit(code);
}

static noreturn void fail(struct supervisor *self, const char *stage, int error, const char *what) {
    send_error(self->engine, stage, error, "%s%s%s", what, error ? ": " : "", error ? strerror(error) : "");
    end_all(self, GBL_EXIT_SETUP);
}

static void to_engine(struct supervisor *self, const void *bytes, size_t length) {
    if (write_fully(self->engine, bytes, length) != 0) {
        end_all(self, GBL_EXIT_ENGINE_GONE);
    }
}

static void tell_init(struct supervisor *self, uint16_t type, uint16_t flags, const void *payload, size_t length) {
    static struct frame frame;
    frame_begin(&frame, type, flags);
    put_bytes(&frame, payload, length);
    frame_send(self->context->inner, &frame);  // when it fails the init is gone, and its pidfd says so
}

static void end_guest(struct supervisor *self, uint8_t cause, uint16_t flags) {
    if (self->phase == ENDING) {
        return;
    }
    self->phase = ENDING;
    self->deadline = now_ms() + END_TIMEOUT_MS;
    tell_init(self, INNER_KILL, flags, &cause, 1);
}

static void on_command(struct supervisor *self) {
    uint8_t header[FRAME_HEADER];
    uint8_t word[4];
    if (read_fully(self->engine, header, sizeof header) != 1) {
        end_all(self, GBL_EXIT_ENGINE_GONE);
    }
    uint16_t type = get_u16(header);
    uint16_t flags = get_u16(header + 2);
    uint32_t length = get_u32(header + 4);
    if (type == GBL_CMD_GO && flags == 0 && length == 0 && self->phase == READY) {
        self->phase = GOING;
        self->deadline = now_ms() + EXEC_TIMEOUT_MS;
        tell_init(self, INNER_GO, 0, NULL, 0);
    } else if (type == GBL_CMD_KILL && flags <= 1 && length == 0) {
        end_guest(self, GBL_CAUSE_KILL, flags);
    } else if (type == GBL_CMD_SIGNAL && flags == 0 && length == 4 && self->phase >= RUNNING) {
        if (read_fully(self->engine, word, sizeof word) != 1) {
            end_all(self, GBL_EXIT_ENGINE_GONE);
        }
        if (get_u32(word) < 1 || get_u32(word) > 31) {
            fail(self, "protocol", 0, "signal must be 1..31");
        }
        tell_init(self, INNER_SIGNAL, 0, word, sizeof word);
    } else {
        fail(self, "protocol", 0, "unknown command, or not now");
    }
}

static void put_number(uint8_t *at, uint64_t value, size_t width) {
    for (size_t i = 0; i < width; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

static void add_perf(const struct supervisor *self, uint8_t *exit_frame) {
    uint64_t nanoseconds = 0;
    if (self->perf >= 0 && read(self->perf, &nanoseconds, sizeof nanoseconds) == (ssize_t)sizeof nanoseconds) {
        put_number(exit_frame + EXIT_PERF_OFFSET, nanoseconds, 8);
    }
}

// What travels with a message: the listener, and who sent it as this pid namespace sees it.
static void read_ancillary(struct supervisor *self, struct msghdr *message, pid_t *sender) {
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level != SOL_SOCKET) {
            continue;
        }
        if (part->cmsg_type == SCM_RIGHTS && self->listener < 0) {
            memcpy(&self->listener, CMSG_DATA(part), sizeof(int));
        } else if (part->cmsg_type == SCM_CREDENTIALS) {
            struct ucred credentials;
            memcpy(&credentials, CMSG_DATA(part), sizeof credentials);
            *sender = credentials.pid;
        }
    }
}

static void relay(struct supervisor *self, uint8_t *frame, size_t length, pid_t sender) {
    switch (get_u16(frame)) {
        case INNER_LISTENER:
            return;
        case GBL_EV_READY:
            self->guest = sender;
            put_number(frame + FRAME_HEADER, (uint32_t)self->init, 4);
            put_number(frame + FRAME_HEADER + 4, (uint32_t)sender, 4);
            if (self->phase == SETTING_UP) {
                self->phase = READY;
            }
            break;
        case GBL_EV_STARTED:
            put_number(frame + FRAME_HEADER + 8, (uint32_t)self->guest, 4);
            if (self->phase == GOING) {
                self->phase = RUNNING;
                self->deadline = 0;
            }
            break;
        case GBL_EV_EXIT:
            self->phase = ENDING;
            self->deadline = 0;
            add_perf(self, frame);
            break;
        case GBL_EV_PROBE:
        case GBL_EV_FILE_BEGIN:
        case GBL_EV_FILE_DATA:
        case GBL_EV_FILE_END:
            break;
        case GBL_EV_DONE:
            to_engine(self, frame, length);
            end_all(self, GBL_EXIT_OK);
        case GBL_EV_ERROR:
            to_engine(self, frame, length);
            end_all(self, GBL_EXIT_SETUP);
        default:
            fail(self, "init", EPROTO, "unknown message");
    }
    to_engine(self, frame, length);
}

// One message of the init; false at end of file.
static bool on_message(struct supervisor *self) {
    static uint8_t bytes[FRAME_HEADER + GBL_MAX_FRAME];
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct iovec part = {bytes, sizeof bytes};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    pid_t sender = 0;
    ssize_t got = recvmsg(self->context->inner, &message, MSG_CMSG_CLOEXEC);
    if (got <= 0) {
        return false;
    }
    read_ancillary(self, &message, &sender);
    if (got < (ssize_t)FRAME_HEADER || get_u32(bytes + 4) != (size_t)got - FRAME_HEADER) {
        fail(self, "init", EPROTO, "bad message");
    }
    relay(self, bytes, (size_t)got, sender);
    return true;
}

static void answer(struct supervisor *self, uint64_t id, int error, uint32_t flags) {
    struct seccomp_notif_resp response = {.id = id, .error = -error, .flags = flags};
    if (ioctl(self->listener, SECCOMP_IOCTL_NOTIF_SEND, &response) != 0 && errno != ENOENT) {
        fail(self, "seccomp", errno, "answer");
    }
}

static void on_notification(struct supervisor *self) {
    static struct frame frame;
    static union {  // room for what a newer kernel may add to the structure
        struct seccomp_notif call;
        char room[512];
    } received;
    bool learning = (self->context->request->flags & GBL_FLAG_LEARN) != 0;
    memset(&received, 0, sizeof received);
    if (ioctl(self->listener, SECCOMP_IOCTL_NOTIF_RECV, &received) != 0) {
        if (errno != ENOENT && errno != EINTR) {
            fail(self, "seccomp", errno, "receive");
        }
        return;
    }
    const struct seccomp_notif *call = &received.call;
    if (self->phase < GOING) {  // a probe
        answer(self, call->id, EPERM, 0);
        return;
    }
    if (self->phase == ENDING) {
        return;
    }
    frame_begin(&frame, GBL_EV_VIOLATION, 0);
    put_u32(&frame, call->data.arch);
    put_u32(&frame, (uint32_t)call->data.nr);
    for (size_t i = 0; i < 6; i++) {
        put_u64(&frame, call->data.args[i]);
    }
    put_u32(&frame, call->pid);
    if (frame_send(self->engine, &frame) != 0) {
        end_all(self, GBL_EXIT_ENGINE_GONE);
    }
    if (learning) {
        answer(self, call->id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
    } else {
        end_guest(self, GBL_CAUSE_VIOLATION, 0);  // never answered: the caller waits until it is killed
    }
}

static int time_left(const struct supervisor *self) {
    if (self->deadline == 0) {
        return -1;
    }
    uint64_t now = now_ms();
    return now >= self->deadline ? 0 : (int)(self->deadline - now);
}

static void on_timeout(struct supervisor *self) {
    if (self->phase == GOING) {
        fail(self, "exec", ETIMEDOUT, self->context->request->argv[0]);
    }
    fail(self, "init", ETIMEDOUT, "the guest could not be ended in time");
}

static noreturn void loop(struct supervisor *self) {
    for (;;) {
        // Between GO and STARTED notifications wait, so that STARTED comes first; execve itself must not be one.
        bool listen = self->listener >= 0 && self->phase != GOING;
        struct pollfd waiting[4] = {{.fd = self->context->inner, .events = POLLIN},
                                    {.fd = self->engine, .events = POLLIN},
                                    {.fd = listen ? self->listener : -1, .events = POLLIN},
                                    {.fd = self->pidfd, .events = POLLIN}};
        int ready = poll(waiting, 4, time_left(self));
        if (ready < 0 && errno != EINTR) {
            fail(self, "launcher", errno, "poll");
        }
        if (ready == 0) {
            on_timeout(self);
        }
        if (ready <= 0) {
            continue;
        }
        if (waiting[1].revents != 0) {
            on_command(self);
        } else if (waiting[0].revents & POLLIN) {
            if (!on_message(self)) {
                fail(self, "init", 0, "the init ended unexpectedly");
            }
        } else if (waiting[2].revents & POLLIN) {
            on_notification(self);
        } else if (waiting[2].revents != 0) {
            close(self->listener);  // no filtered process is left
            self->listener = -1;
        } else if ((waiting[3].revents | waiting[0].revents) != 0) {
            fail(self, "init", 0, "the init was killed");
        }
    }
}

int supervise(struct context *context, int engine) {
    static struct supervisor self;
    const char *stage = "launcher";
    int pair[2];
    self = (struct supervisor){.context = context, .engine = engine, .listener = -1, .pidfd = -1, .perf = -1};
    if (!with_namespaces(context) || !on(context, GBL_OFF_PIDNS)) {
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    }
    self.init = spawn_init(context, engine, pair, &self.pidfd, &self.perf, &stage);
    if (self.init < 0) {
        send_error(engine, stage, errno, "%s: %s", stage, strerror(errno));
        return GBL_EXIT_SETUP;  // a child that was made waits for its maps, and reads the end of file
    }
    for (int i = 0; i <= 2; i++) {
        close(i);  // the guest's, from here on
    }
    loop(&self);
}
