// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: end its process group, to which a launcher may belong
// expect: contained
// control: PidNamespace
// off: none
// without: none
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    signal(SIGTERM, SIG_IGN);
    kill(0, SIGTERM);
    usleep(50000);
    if (getpgrp() != getpid() || getsid(0) != getpid()) {
        puts("ESCAPED it shares a group or a session");
        return 66;
    }
    puts("CONTAINED a session of its own");
    return 0;
}
