// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: write output one byte at a time
// expect: OutputExceeded
// control: ResourceLimits
// off: none
// without: none
// limits: outputBytes=50000 wallTimeMilliseconds=20000
#include <unistd.h>

int main(void) {
    for (;;) {
        write(1, "\033", 1);
    }
}
