// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: switch off disk quotas
// expect: SecurityViolation
// control: Seccomp
// off: seccomp
// without: Kernel ENOTBLK
// lacking: ENOSYS
// syscall: quotactl
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/quota.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    if (quotactl(QCMD(Q_QUOTAOFF, USRQUOTA), "/dev/null", 0, NULL) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED switched off quotas");
    return 66;
}
