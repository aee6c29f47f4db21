// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
#include "paths.h"

#include <string.h>

bool plain_path(const char *path) {
    if (path[0] != '/') {
        return false;
    }
    if (path[1] == '\0') {
        return true;
    }
    for (const char *part = path; *part != '\0';) {
        part++;
        size_t length = strcspn(part, "/");
        if (length == 0 || (length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.')) {
            return false;
        }
        part += length;
    }
    return true;
}

bool at_or_below(const char *path, const char *parent) {
    size_t length = strlen(parent);
    return strncmp(path, parent, length) == 0 && (path[length] == '\0' || path[length] == '/');
}
