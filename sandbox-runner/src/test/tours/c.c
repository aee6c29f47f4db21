// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// What a C library's functions make of the kernel: each call that the profile c adds to the base is made here.
#define _GNU_SOURCE
#include <aio.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
static char buffer[4096];
static struct iovec part = {buffer, sizeof buffer};

static void files(void) {
    int a = open("a", O_RDWR | O_CREAT, 0600), b = open("b", O_RDWR | O_CREAT, 0600), pipe_[2], other[2];
    off_t from = 0;
    loff_t in = 0, out = 0;
    write(a, buffer, sizeof buffer);
    pwritev(a, &part, 1, 0);
    preadv(a, &part, 1, 0);
    pwritev2(a, &part, 1, 0, RWF_DSYNC);
    preadv2(a, &part, 1, 0, RWF_HIPRI);
    sendfile(b, a, &from, 100);
    copy_file_range(a, &in, b, &out, 100, 0);
    posix_fallocate(b, 0, 20000);
    posix_fadvise(b, 0, 0, POSIX_FADV_SEQUENTIAL);
    readahead(b, 0, 4096);
    sync_file_range(b, 0, 4096, SYNC_FILE_RANGE_WRITE);
    sync();
    pipe2(pipe_, O_NONBLOCK);
    pipe2(other, O_NONBLOCK);
    in = 0;
    splice(a, &in, pipe_[1], NULL, 100, 0);
    tee(pipe_[0], other[1], 100, 0);
    vmsplice(pipe_[1], &part, 1, SPLICE_F_NONBLOCK);
    mkfifo("fifo", 0600);
    getxattr("a", "user.none", buffer, sizeof buffer);
    lgetxattr("a", "user.none", buffer, sizeof buffer);
    fgetxattr(a, "user.none", buffer, sizeof buffer);
    listxattr("a", buffer, sizeof buffer);
    llistxattr("a", buffer, sizeof buffer);
    flistxattr(a, buffer, sizeof buffer);
    int watch = inotify_init1(0), wd = inotify_add_watch(watch, ".", IN_CREATE);
    inotify_rm_watch(watch, wd);
    char *mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, a, 0);
    unsigned char resident = 0;
    msync(mapped, 4096, MS_SYNC);
    mincore(mapped, 4096, &resident);
    madvise(mapped, 4096, MADV_WILLNEED);
    mprotect(mapped, 4096, PROT_READ);
    pkey_free(pkey_alloc(0, 0));
    munlock(mapped, 4096);
    munlockall();
}

static void nothing(int signal) { (void)signal; }

static void waiting(void) {
    signal(SIGALRM, nothing);
    struct itimerval soon = {.it_value = {0, 1000}};
    setitimer(ITIMER_REAL, &soon, NULL);
    getitimer(ITIMER_REAL, &soon);
    pause();
    alarm(0);
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    struct itimerspec when = {.it_value = {1, 0}};
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &when, NULL);
    timer_gettime(timer, &when);
    timer_getoverrun(timer);
    timer_delete(timer);
    int clock = timerfd_create(CLOCK_MONOTONIC, 0), flag = eventfd(1, 0), many = epoll_create1(0);
    timerfd_settime(clock, 0, &when, NULL);
    timerfd_gettime(clock, &when);
    struct epoll_event one = {.events = EPOLLIN}, got;
    epoll_ctl(many, EPOLL_CTL_ADD, flag, &one);
    epoll_wait(many, &got, 1, 1);
    sigset_t none;
    sigemptyset(&none);
    epoll_pwait(many, &got, 1, 1, &none);
    struct timespec moment = {0, 1000};
    epoll_pwait2(many, &got, 1, &moment, &none);
    signalfd(-1, &none, 0);
    union sigval value = {0};
    signal(SIGUSR1, nothing);
    sigqueue(getpid(), SIGUSR1, value);
    pthread_sigqueue(pthread_self(), SIGUSR1, value);
}

static void pairs(void) {
    int pair[2], size = 10000;
    socklen_t length = sizeof size;
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    getsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, &length);
    struct sockaddr_storage name;
    length = sizeof name;
    getsockname(pair[0], (struct sockaddr *)&name, &length);
    getpeername(pair[0], (struct sockaddr *)&name, &length);
    send(pair[0], "x", 1, 0);
    recv(pair[1], buffer, 1, 0);
    struct iovec byte = {buffer, 1};
    struct mmsghdr message = {.msg_hdr = {.msg_iov = &byte, .msg_iovlen = 1}};
    sendmsg(pair[0], &message.msg_hdr, 0);
    recvmsg(pair[1], &message.msg_hdr, 0);
    sendmmsg(pair[0], &message, 1, 0);
    recvmmsg(pair[1], &message, 1, 0, NULL);
    shutdown(pair[0], SHUT_WR);
}

static void *thread(void *at) { return at; }

static void processes(void) {
    pid_t child;
    char *argv[] = {"gcc", "--version", NULL};
    cpu_set_t cpus;
    struct sched_param param;
    struct timespec slice;
    struct tms spent;
    pthread_t other;
    pthread_create(&other, NULL, thread, NULL);
    pthread_join(other, NULL);
    posix_spawn(&child, "/usr/bin/gcc", NULL, NULL, argv, environ);
    waitpid(child, NULL, 0);
    int pidfd = pidfd_open(getpid(), 0);
    pidfd_send_signal(pidfd, 0, NULL, 0);
    sched_getaffinity(0, sizeof cpus, &cpus);
    sched_getscheduler(0);
    sched_getparam(0, &param);
    sched_get_priority_max(SCHED_OTHER);
    sched_get_priority_min(SCHED_OTHER);
    sched_rr_get_interval(0, &slice);
    getpriority(PRIO_PROCESS, 0);
    times(&spent);
}

int main(void) {
    files();
    waiting();
    pairs();
    processes();
    puts("toured");
    return 0;
}
