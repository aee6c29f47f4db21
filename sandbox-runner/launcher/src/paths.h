// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
#ifndef GABION_PATHS_H
#define GABION_PATHS_H

#include <stdbool.h>

// Absolute, no empty, "." or ".." part, no slash at the end ("/" itself is fine).
bool plain_path(const char *path);

bool at_or_below(const char *path, const char *parent);

#endif
