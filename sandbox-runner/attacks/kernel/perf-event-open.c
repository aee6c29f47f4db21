// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: count events of the processor: a side channel
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Escape
// lacking: EPERM EACCES
// syscall: perf_event_open
#define _GNU_SOURCE
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_TASK_CLOCK, .size = sizeof attributes, .exclude_kernel = 1, .exclude_hv = 1};
    if (syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED counts events");
    return 66;
}
