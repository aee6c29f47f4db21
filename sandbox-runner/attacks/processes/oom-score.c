// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: have others killed when memory is short
// expect: contained
// control: ProcHidden
// off: mountns
// without: Landlock EACCES > Escape
// errno: ENOENT
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (open("/proc/self/oom_score_adj", O_WRONLY) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED opened its score");
    return 66;
}
