// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: make 100 threads where 32 are allowed
// expect: contained
// control: ResourceLimits
// off: rlimits
// without: Escape
// errno: EAGAIN
// limits: processes=32
// bomb: yes
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void *wait_for_ever(void *unused) {
    pause();
    return unused;
}

int main(void) {
    for (int i = 0; i < 100; i++) {
        pthread_t thread;
        int failed = pthread_create(&thread, NULL, wait_for_ever, NULL);
        if (failed != 0) {
            printf("CONTAINED %s after %d\n", strerrorname_np(failed), i);
            return 0;
        }
    }
    puts("ESCAPED 100 threads");
    return 66;
}
