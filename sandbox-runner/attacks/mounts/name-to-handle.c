// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
// attack: learn the number of a file, for open_by_handle_at
// expect: contained
// control: Seccomp
// off: seccomp
// without: Escape
// errno: EOPNOTSUPP
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    struct file_handle *handle = calloc(1, sizeof *handle + MAX_HANDLE_SZ);
    int mount;
    handle->handle_bytes = MAX_HANDLE_SZ;
    if (name_to_handle_at(AT_FDCWD, "/usr/bin", handle, &mount, 0) < 0) {
        printf("CONTAINED %s\n", strerrorname_np(errno));
        return 0;
    }
    puts("ESCAPED with a handle");
    return 66;
}
