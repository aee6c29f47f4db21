// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: end the init
// expect: contained
// control: PidNamespace
// off: none
// without: none
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    int parent = getppid();
    for (int signal = 1; signal < 64; signal++) {
        if (parent == 1) {
            kill(parent, signal);
        }
    }
    usleep(50000);
    if (getppid() != parent || parent != 1) {
        puts("ESCAPED the parent is gone, or is not the init");
        return 66;
    }
    puts("CONTAINED still there");
    return 0;
}
