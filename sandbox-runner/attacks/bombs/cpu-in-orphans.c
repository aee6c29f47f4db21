// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: burn the time in children that nobody waits for
// expect: CpuTimeExceeded
// control: ResourceLimits
// off: none
// without: none
// limits: cpuTimeMilliseconds=1000 wallTimeMilliseconds=20000
#include <signal.h>
#include <unistd.h>

int main(void) {
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 100000; i++) {
        if (fork() == 0) {
            setsid();
            if (fork() == 0) {
                for (volatile unsigned long n = 0; n < 40000000UL; n++) {
                }
            }
            _exit(0);
        }
        usleep(40000);
    }
}
