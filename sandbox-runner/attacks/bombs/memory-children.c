// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: take memory in many children, each below the limit
// expect: MemoryExceeded
// control: ResourceLimits
// off: none
// without: none
// limits: memory=96Mi wallTimeMilliseconds=20000 processes=32
// bomb: yes
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 10; i++) {
        if (fork() == 0) {
            volatile char *held = malloc(24 << 20);
            for (int at = 0; held != NULL && at < 24 << 20; at += 4096) {
                held[at] = 1;
            }
            sleep(30);
            _exit(0);
        }
    }
    while (wait(NULL) > 0) {
    }
    return 66;
}
