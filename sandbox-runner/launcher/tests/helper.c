// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
//
// What a test needs done inside and no interpreter can do. helper WHAT [ARG]
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void burn(long milliseconds) {
    struct timespec used;
    do {
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    } while (used.tv_sec * 1000 + used.tv_nsec / 1000000 < milliseconds);
}

static int forks(void) {
    int made = 0;
    while (made < 1000 && fork() != 0) {
        if (errno == EAGAIN) {
            printf("%d EAGAIN\n", made);
            return 0;
        }
        made++;
    }
    if (made < 1000) {
        pause();
    }
    return 1;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    long number = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    setvbuf(stdout, NULL, _IONBF, 0);
    if (strcmp(what, "ptrace") == 0) {
        printf("%ld\n", ptrace(PTRACE_ATTACH, 4242, NULL, NULL));
#ifdef __x86_64__
    } else if (strcmp(what, "x32") == 0) {
        printf("%ld\n", syscall(0x40000000 + SYS_getpid));
    } else if (strcmp(what, "int80") == 0) {
        int result;
        __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
        printf("%d\n", result);
#endif
    } else if (strcmp(what, "fds") == 0) {
        for (int i = 0; i < 4096; i++) {
            struct stat found;
            if (fstat(i, &found) == 0) {
                printf("%d ", i);
            }
        }
    } else if (strcmp(what, "forks") == 0) {
        return forks();
    } else if (strcmp(what, "bomb") == 0) {
        signal(SIGTERM, SIG_IGN);
        puts("bomb");
        for (;;) {
            fork();
        }
    } else if (strcmp(what, "daemon") == 0) {  // escapes by double fork and setsid, the first process goes on or ends
        for (int i = 0; i < 3; i++) {
            if (fork() == 0) {
                setsid();
                if (fork() == 0) {
                    signal(SIGTERM, SIG_IGN);
                    signal(SIGHUP, SIG_IGN);
                    for (;;) {
                        pause();
                    }
                }
                _exit(0);
            }
        }
        while (wait(NULL) > 0) {
        }
        puts("daemons");
        sleep((unsigned)number);
    } else if (strcmp(what, "burn") == 0) {
        burn(number);
    } else if (strcmp(what, "burn-child") == 0) {
        if (fork() == 0) {
            burn(number);
            _exit(0);
        }
        wait(NULL);
    } else if (strcmp(what, "burn-ignored") == 0) {  // wait4 never hears of this child
        signal(SIGCHLD, SIG_IGN);
        if (fork() == 0) {
            burn(number);
            _exit(0);
        }
        wait(NULL);
    } else if (strcmp(what, "kill-init") == 0) {
        printf("%d %d\n", kill(1, SIGKILL), kill(1, SIGTERM));
        usleep(100000);
        puts("alive");
    } else if (strcmp(what, "crash") == 0) {
        abort();
    } else if (strcmp(what, "session") == 0) {
        printf("%d %d\n", getsid(0) == getpid(), open("/dev/tty", 0) < 0);
    } else if (strcmp(what, "sleep") == 0) {
        puts("sleeping");
        sleep((unsigned)number);
    } else {
        return 99;
    }
    return 0;
}
