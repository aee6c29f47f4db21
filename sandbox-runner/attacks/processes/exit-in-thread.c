// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: let the first thread end and go on in another
// expect: WallTimeExceeded
// control: ResourceLimits
// off: none
// without: none
// limits: wallTimeMilliseconds=1500
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void *go_on(void *unused) {
    for (;;) {
        pause();
    }
    return unused;
}

int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, go_on, NULL);
    pthread_exit(NULL);
}
