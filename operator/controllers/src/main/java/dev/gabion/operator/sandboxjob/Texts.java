// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import org.jspecify.annotations.Nullable;

/** Text that fits, and that every JSON can hold. */
final class Texts {
    private Texts() {}

    /** The first characters; a cut text ends in an ellipsis. */
    static String cut(String any, int most) {
        String text = plain(any);
        if (text.length() <= most) {
            return text;
        }
        int end = most - 1;
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
    }

    static @Nullable String cutOrNull(@Nullable String text, int most) {
        return text == null ? null : cut(text, most);
    }

    /** The last characters. */
    static String last(String any, int most) {
        String text = plain(any);
        if (text.length() <= most) {
            return text;
        }
        int start = text.length() - most;
        return text.substring(Character.isLowSurrogate(text.charAt(start)) ? start + 1 : start);
    }

    /**
     * The text without control characters, which JSON makes six times as long, and without half characters, of which it
     * cannot make UTF-8.
     */
    private static String plain(String text) {
        return text.codePoints().allMatch(Texts::isPlain)
                ? text
                : text.codePoints()
                        .map(point -> isPlain(point) ? point : 0xfffd)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
    }

    private static boolean isPlain(int point) {
        boolean half = point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
        return !half && (point == '\n' || point == '\t' || !Character.isISOControl(point));
    }
}
