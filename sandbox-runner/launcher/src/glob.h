// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
#ifndef GABION_GLOB_H
#define GABION_GLOB_H

#include <stdbool.h>

// A path against a path or glob: '*', '?' and [...] match characters of UTF-8, none of them a '/'; no escapes. A byte that
// is not UTF-8 counts as a character that only '*', '?' and a negated set match. The engine's Glob.java says the same; the
// time is bounded by the product of the lengths, whatever the guest calls its files.
bool glob_matches(const char *pattern, const char *name);

#endif
