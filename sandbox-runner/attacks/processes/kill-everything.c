// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: end every process that can be ended
// expect: contained
// control: PidNamespace
// off: none
// without: none
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    kill(-1, SIGKILL);
    usleep(50000);
    puts("CONTAINED all that died was its own");
    return 0;
}
