// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
#include "glob.h"

#include <stddef.h>
#include <stdint.h>

#define REPLACEMENT 0xfffdU

// One character, as the WHATWG's decoder reads it (encoding.spec.whatwg.org, and Java's): the longest start of a valid
// sequence is one replacement.
static uint32_t take(const char **at) {
    const unsigned char *byte = (const unsigned char *)*at;
    uint32_t lead = *byte++;
    uint32_t character = lead;
    unsigned more = 0;
    unsigned low = 0x80, high = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) {
        more = 1;
        character = lead & 0x1fU;
    } else if (lead >= 0xe0 && lead <= 0xef) {
        more = 2;
        character = lead & 0x0fU;
        low = lead == 0xe0 ? 0xa0 : low;
        high = lead == 0xed ? 0x9f : high;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
        more = 3;
        character = lead & 0x07U;
        low = lead == 0xf0 ? 0x90 : low;
        high = lead == 0xf4 ? 0x8f : high;
    } else if (lead >= 0x80) {
        character = REPLACEMENT;
    }
    for (; more > 0 && *byte >= low && *byte <= high; more--) {
        character = character << 6 | (*byte++ & 0x3fU);
        low = 0x80;
        high = 0xbf;
    }
    *at = (const char *)byte;
    return more > 0 ? REPLACEMENT : character;
}

static bool ends(const char *at) {
    return *at == '\0' || *at == '/';
}

// Where the set that opens here closes; NULL: none opens here. A bracket right after the opening is of the set.
static const char *set_end(const char *pattern) {
    if (*pattern != '[') {
        return NULL;
    }
    const char *at = pattern + 1;
    if (*at == '!' || *at == '^') {
        at++;
    }
    if (!ends(at)) {
        take(&at);
    }
    for (; !ends(at); take(&at)) {
        if (*at == ']') {
            return at;
        }
    }
    return NULL;
}

static bool in_set(const char *at, const char *end, uint32_t character) {
    bool found = false;
    while (at < end) {
        uint32_t first = take(&at), last = first;
        if (at < end && *at == '-' && at + 1 < end) {
            at++;
            last = take(&at);
        }
        found = found || (first <= character && character <= last);
    }
    return found;
}

// Whether the character is matched by what the pattern begins with, which is then behind.
static bool one(const char **pattern, uint32_t character) {
    const char *end = set_end(*pattern);
    if (end == NULL) {
        uint32_t wanted = take(pattern);
        return wanted == '?' || wanted == character;
    }
    const char *at = *pattern + 1;
    bool negated = *at == '!' || *at == '^';
    *pattern = end + 1;
    return in_set(negated ? at + 1 : at, end, character) != negated;
}

// One part of a path. Goes back to the last star only: an earlier one could not match more than that.
static bool part(const char *pattern, const char *name) {
    const char *star = NULL, *resume = NULL;
    while (!ends(name)) {
        const char *next_pattern = pattern, *next_name = name;
        uint32_t character = take(&next_name);
        if (*pattern == '*') {
            star = ++pattern;
            resume = name;
        } else if (!ends(pattern) && one(&next_pattern, character)) {
            pattern = next_pattern;
            name = next_name;
        } else if (star != NULL) {
            take(&resume);
            pattern = star;
            name = resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*') {
        pattern++;
    }
    return ends(pattern);
}

bool glob_matches(const char *pattern, const char *name) {
    while (part(pattern, name)) {
        while (!ends(pattern)) {
            pattern++;
        }
        while (!ends(name)) {
            name++;
        }
        if (*pattern == '\0' || *name == '\0') {
            return *pattern == *name;
        }
        pattern++;
        name++;
    }
    return false;
}
