// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: have the kernel send signals to other processes, as owner of a descriptor
// expect: contained
// control: PidNamespace
// off: pidns
// without: Escape
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    int ends[2];
    int owned = 0;
    if (pipe(ends) != 0) {
        return 1;
    }
    fcntl(ends[0], F_SETSIG, SIGKILL);
    for (int pid = 2; pid < 70000; pid++) {
        if (pid != getpid() && fcntl(ends[0], F_SETOWN, pid) == 0 && fcntl(ends[0], F_GETOWN) == pid) {
            owned++;
        }
    }
    if (owned > 0) {
        printf("ESCAPED %d others named as receivers of signals\n", owned);
        return 66;
    }
    puts("CONTAINED ESRCH");
    return 0;
}
