// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
//
// gabion-launch: one guest, its isolation and its end. See PROTOCOL.md.
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "arch.h"
#include "launch.h"

#ifdef GABION_TEST_SWITCHES
#define HELLO_FLAGS GBL_HELLO_TEST_BUILD
#define VERSION_SUFFIX " test"
#else
#define HELLO_FLAGS 0
#define VERSION_SUFFIX ""
#endif

static int usage(const char *why) {
    dprintf(2, "gabion-launch: %s\nusage: gabion-launch --socket PATH | --fd N | --version\n", why);
    return GBL_EXIT_USAGE;
}

static int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

// 0, 1 and 2 exist, the engine's socket is 3, nothing else is open.
static int settle_descriptors(int fd) {
    for (int i = 0; i <= 2; i++) {
        if (fcntl(i, F_GETFD) < 0 && open("/dev/null", i == 0 ? O_RDONLY : O_WRONLY) != i) {
            return -1;
        }
    }
    if (fd != 3) {
        if (dup3(fd, 3, O_CLOEXEC) < 0) {
            return -1;
        }
    } else if (fcntl(3, F_SETFD, FD_CLOEXEC) != 0) {
        return -1;
    }
    return (int)syscall(SYS_close_range, 4U, ~0U, 0U);
}

static void reset_signals(void) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int i = 1; i < NSIG; i++) {
        signal(i, SIG_DFL);
    }
    signal(SIGPIPE, SIG_IGN);
}

static int say_hello(int engine) {
    static struct frame frame;
    int abi = landlock_version();
    frame_begin(&frame, GBL_EV_HELLO, HELLO_FLAGS);
    put_u32(&frame, GBL_VERSION);
    put_u32(&frame, GBL_NATIVE_ARCH);
    put_u32(&frame, abi > 0 ? (uint32_t)abi : 0);
    return frame_send(engine, &frame);
}

static int read_request(int engine, struct request *request) {
    char why[200] = "";
    uint8_t header[REQUEST_HEADER];
    uint32_t length = 0;
    int got = read_fully(engine, header, sizeof header);
    if (got <= 0) {
        return got == 0 ? GBL_EXIT_ENGINE_GONE : GBL_EXIT_BAD_REQUEST;
    }
    if (request_header(header, &length, why, sizeof why) == 0) {
        uint8_t *records = malloc((size_t)length + 1);
        if (records != NULL && (length == 0 || read_fully(engine, records, length) == 1)) {
            if (request_parse(request, records, length, why, sizeof why) == 0) {
                return 0;
            }
        } else {
            snprintf(why, sizeof why, "cut short");
        }
    }
    send_error(engine, "request", 0, "%s", why);
    return GBL_EXIT_BAD_REQUEST;
}

int main(int argc, char **argv) {
    int fd = -1;
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("gabion-launch %d%s\n", GBL_VERSION, VERSION_SUFFIX);
        return 0;
    }
    if (argc != 3) {
        return usage("two arguments are needed");
    }
    if (strcmp(argv[1], "--socket") == 0) {
        fd = connect_to(argv[2]);
    } else if (strcmp(argv[1], "--fd") == 0) {
        char *end = NULL;
        long number = strtol(argv[2], &end, 10);
        fd = *end == '\0' && number > 2 && number < 65536 ? fcntl((int)number, F_DUPFD_CLOEXEC, 3) : -1;
    } else {
        return usage("unknown argument");
    }
    if (fd < 0) {
        return usage(strerror(errno));
    }
    reset_signals();
    if (settle_descriptors(fd) != 0) {
        return usage(strerror(errno));
    }
    static struct request request;
    static struct context context;
    context.request = &request;
    context.proc = -1;
    if (say_hello(3) != 0) {
        return GBL_EXIT_ENGINE_GONE;
    }
    int failed = read_request(3, &request);
    return failed != 0 ? failed : supervise(&context, 3);
}
