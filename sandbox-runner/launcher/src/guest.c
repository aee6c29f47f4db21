// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <fcntl.h>
#include <unistd.h>

#include "launch.h"

static void await(struct context *context, int fd, char wanted) {
    char got = 0;
    ssize_t length;
    do {
        length = read(fd, &got, 1);
    } while (length < 0 && errno == EINTR);
    if (length != 1 || got != wanted) {
        die(context, "guest", length < 0 ? errno : EPIPE, "the init is gone");
    }
}

static void report(struct context *context, int fd, int32_t word) {
    if (write(fd, &word, sizeof word) != (ssize_t)sizeof word) {
        die(context, "guest", errno, "report to the init");
    }
}

static void settle_process(struct context *context, int report_write) {
    sigset_t none;
    sigemptyset(&none);
    for (int i = 1; i < NSIG; i++) {
        signal(i, SIG_DFL);
    }
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (setsid() < 0) {
        die(context, "session", errno, "setsid");
    }
    bool host_root = with_namespaces(context) && !on(context, GBL_OFF_MOUNTNS);
    if (chdir(context->request->cwd) != 0 && !host_root) {
        die(context, "cwd", errno, context->request->cwd);
    }
    // Everything but stdin, stdout and stderr closes at execve; what is still needed until then stays.
    unsigned keep_from = on(context, GBL_OFF_CLOSE_FDS) ? 3U : 1024U;
    if (syscall(SYS_close_range, keep_from, ~0U, CLOSE_RANGE_CLOEXEC) != 0) {
        die(context, "descriptors", errno, "close_range");
    }
    for (int i = 3; !on(context, GBL_OFF_CLOSE_FDS) && i < 64; i++) {
        fcntl(i, F_SETFD, i == report_write ? FD_CLOEXEC : 0);
    }
}

noreturn void guest_main(struct context *context, const struct guest_pipes *pipes) {
    static struct frame frame;
    settle_process(context, pipes->report_write);
    if (on(context, GBL_OFF_NNP) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        die(context, "no_new_privs", errno, "prctl");
    }
    enter_landlock(context);
    set_rlimits(context);
    probe_before_filter(context);
    int listener = install_filter(context);
    report(context, pipes->report_write, listener);
    await(context, pipes->go_read, 'p');
    probe_after_filter(context);
    frame_begin(&frame, GBL_EV_READY, 0);
    put_u32(&frame, 0);  // both pids are filled in by the launcher
    put_u32(&frame, 0);
    if (frame_send(context->inner, &frame) != 0) {
        _exit(GBL_EXIT_SETUP);
    }
    await(context, pipes->go_read, 'g');
    char **argv = context->request->argv;
    execve(argv[0], argv, context->request->envp);
    report(context, pipes->report_write, errno);
    _exit(127);
}
