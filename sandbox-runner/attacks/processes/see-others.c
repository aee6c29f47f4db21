// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: find out which process numbers are taken
// expect: contained
// control: PidNamespace
// off: pidns
// without: Escape
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    int others = 0;
    for (int pid = 2; pid < 70000; pid++) {
        if (pid != getpid() && (kill(pid, 0) == 0 || errno == EPERM)) {
            others++;
        }
    }
    printf(others > 0 ? "ESCAPED sees %d others\n" : "CONTAINED ESRCH\n", others);
    return others > 0 ? 66 : 0;
}
