// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import java.util.List;

/**
 * A path or glob of kept files, with the meaning that the launcher gives it: {@code *}, {@code ?} and {@code [...]}, none
 * of which crosses a {@code /}; no escapes.
 *
 * <p>Matches text and makes no {@link java.nio.file.Path} of it: the guest chose the names, and not every name is a path in
 * every locale. The time is bounded by the product of the lengths.
 */
public final class Glob {
    private final List<String> parts;

    public Glob(String pattern) {
        parts = List.of(pattern.split("/", -1));
    }

    /** Whether the pattern says this path, which is relative to the same folder. */
    public boolean matches(String name) {
        List<String> names = List.of(name.split("/", -1));
        if (names.size() != parts.size()) {
            return false;
        }
        for (int i = 0; i < names.size(); i++) {
            if (!part(
                    parts.get(i).codePoints().toArray(),
                    names.get(i).codePoints().toArray())) {
                return false;
            }
        }
        return true;
    }

    /** Goes back to the last star only: an earlier one could not match more than that. */
    private static boolean part(int[] pattern, int[] name) {
        int p = 0;
        int n = 0;
        int star = -1;
        int resume = 0;
        while (n < name.length) {
            if (p < pattern.length && pattern[p] == '*') {
                star = p++;
                resume = n;
            } else if (p < pattern.length && one(pattern, p, name[n])) {
                p = after(pattern, p);
                n++;
            } else if (star >= 0) {
                p = star + 1;
                n = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length && pattern[p] == '*') {
            p++;
        }
        return p == pattern.length;
    }

    private static boolean one(int[] pattern, int at, int character) {
        int end = bracketEnd(pattern, at);
        if (end < 0) {
            return pattern[at] == '?' || pattern[at] == character;
        }
        boolean negated = pattern[at + 1] == '!' || pattern[at + 1] == '^';
        boolean found = false;
        int i = negated ? at + 2 : at + 1;
        while (i < end) {
            boolean range = i + 2 < end && pattern[i + 1] == '-';
            int last = range ? pattern[i + 2] : pattern[i];
            found |= pattern[i] <= character && character <= last;
            i += range ? 3 : 1;
        }
        return found != negated;
    }

    private static int after(int[] pattern, int at) {
        int end = bracketEnd(pattern, at);
        return end < 0 ? at + 1 : end + 1;
    }

    /** Where the bracket that opens here closes; -1: none opens here. One right after the opening is of the set. */
    private static int bracketEnd(int[] pattern, int at) {
        if (pattern[at] != '[') {
            return -1;
        }
        int i = at + 1;
        if (i < pattern.length && (pattern[i] == '!' || pattern[i] == '^')) {
            i++;
        }
        for (i++; i < pattern.length; i++) {
            if (pattern[i] == ']') {
                return i;
            }
        }
        return -1;
    }
}
