// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: ignore the signal that says the time is over
// expect: CpuTimeExceeded
// control: ResourceLimits
// off: none
// without: none
// limits: cpuTimeMilliseconds=500 wallTimeMilliseconds=10000
#include <signal.h>

int main(void) {
    signal(SIGXCPU, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    for (volatile unsigned long i = 0;; i++) {
    }
}
