// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.runner;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A guest's bytes as text that a terminal, a log and a status can show without obeying it: UTF-8 stays, line feeds and
 * tabs stay; other control characters (C0, DEL, C1), what reorders text (bidirectional controls, line and paragraph
 * separators), and bytes that are no UTF-8 become {@code \x1b} or {@code U+202E} in braces. Not reversible: a
 * backslash stays a backslash. Keeps the bytes of a character that is not yet whole until the next call.
 */
public final class TerminalText {
    private static final int MAX_SEQUENCE = 4;

    private final byte[] pending = new byte[MAX_SEQUENCE];
    private int pendingLength;

    /** The whole of these bytes at once. */
    public static String escape(byte[] bytes) {
        TerminalText text = new TerminalText();
        return text.append(bytes, 0, bytes.length) + text.finish();
    }

    /** What can be shown now. */
    public String append(byte[] bytes, int offset, int length) {
        byte[] all = new byte[pendingLength + length];
        System.arraycopy(pending, 0, all, 0, pendingLength);
        System.arraycopy(bytes, offset, all, pendingLength, length);
        pendingLength = 0;
        StringBuilder out = new StringBuilder(all.length + 16);
        int at = 0;
        while (at < all.length) {
            int first = all[at] & 0xff;
            if (first < 0x80) {
                appendCodePoint(out, first);
                at++;
                continue;
            }
            int needed = sequenceLength(first);
            int valid = validPrefix(all, at, needed);
            if (needed > 1 && valid == needed) {
                appendCodePoint(out, new String(all, at, needed, StandardCharsets.UTF_8).codePointAt(0));
                at += needed;
            } else if (needed > 1 && at + valid == all.length) {
                pendingLength = all.length - at;
                System.arraycopy(all, at, pending, 0, pendingLength);
                at = all.length;
            } else {
                appendByte(out, first);
                at++;
            }
        }
        return out.toString();
    }

    /** What was held back: the bytes of a character that never became whole. */
    public String finish() {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < pendingLength; i++) {
            appendByte(out, pending[i] & 0xff);
        }
        pendingLength = 0;
        return out.toString();
    }

    /** Length by the first byte (RFC 3629); 1 where it cannot start a sequence. */
    private static int sequenceLength(int first) {
        if (first >= 0xc2 && first <= 0xdf) {
            return 2;
        }
        if (first >= 0xe0 && first <= 0xef) {
            return 3;
        }
        return first >= 0xf0 && first <= 0xf4 ? 4 : 1;
    }

    /** How many of the sequence's bytes are there and right, the first included (RFC 3629: no surrogates, no overlong). */
    private static int validPrefix(byte[] bytes, int at, int needed) {
        int first = bytes[at] & 0xff;
        int count = 1;
        while (count < needed && at + count < bytes.length) {
            int next = bytes[at + count] & 0xff;
            int low = 0x80;
            int high = 0xbf;
            if (count == 1) {
                switch (first) {
                    case 0xe0 -> low = 0xa0;
                    case 0xed -> high = 0x9f;
                    case 0xf0 -> low = 0x90;
                    case 0xf4 -> high = 0x8f;
                    default -> {}
                }
            }
            if (next < low || next > high) {
                return count;
            }
            count++;
        }
        return count;
    }

    private static void appendByte(StringBuilder out, int value) {
        out.append(String.format(Locale.ROOT, "\\x%02x", value));
    }

    private static void appendCodePoint(StringBuilder out, int point) {
        if (point == '\n' || point == '\t' || (point >= 0x20 && point < 0x7f)) {
            out.append((char) point);
        } else if (point < 0x20 || point == 0x7f) {
            appendByte(out, point);
        } else if (point < 0xa0
                || point == 0x061c
                || (point >= 0x200e && point <= 0x200f)
                || (point >= 0x2028 && point <= 0x202e)
                || (point >= 0x2066 && point <= 0x2069)) {
            out.append(String.format(Locale.ROOT, "\\u{%x}", point));
        } else {
            out.appendCodePoint(point);
        }
    }
}
