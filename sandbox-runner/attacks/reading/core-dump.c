// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: leave a core file with what is in memory
// expect: contained
// control: ResourceLimits
// off: rlimits
// without: Kernel no
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int status;
    if (chdir("/work") == 0 && fork() == 0) {
        abort();
    }
    wait(&status);
    if (WCOREDUMP(status) || access("core", F_OK) == 0) {
        puts("ESCAPED core dumped");
        return 66;
    }
    puts("CONTAINED no core");
    return 0;
}
