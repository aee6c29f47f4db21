// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: calculate without end
// expect: CpuTimeExceeded
// control: ResourceLimits
// off: none
// without: none
// limits: cpuTimeMilliseconds=500 wallTimeMilliseconds=10000
int main(void) {
    for (volatile unsigned long i = 0;; i++) {
    }
}
