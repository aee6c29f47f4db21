// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: stay behind as a chain of daemons, each of which forks and ends
// expect: contained
// control: PidNamespace
// off: pidns
// without: Supervisor
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    if (fork() == 0) {
        signal(SIGTERM, SIG_IGN);
        signal(SIGHUP, SIG_IGN);
        for (;;) {
            if (fork() != 0) {
                _exit(0);
            }
            setsid();
            usleep(1000);
        }
    }
    puts("CONTAINED the verdict must not leave the chain alive");
    return 0;
}
