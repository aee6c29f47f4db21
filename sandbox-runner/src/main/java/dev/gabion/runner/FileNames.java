// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The names of a guest's files, which are any bytes, as text. No two names become the same text, neither here nor when
 * they are shown: a guest could hide one file behind another.
 */
public final class FileNames {
    /** What a byte that is no UTF-8 becomes, less the byte: half a character, which no UTF-8 decodes to. */
    private static final char HALF = 0xdc00;

    private FileNames() {}

    /** UTF-8; each byte that is none becomes a half character of its own. */
    public static String decode(byte[] name) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(name);
        CharBuffer out = CharBuffer.allocate(name.length);
        CoderResult result = decoder.decode(in, out, true);
        while (result.isError()) {
            out.put((char) (HALF + (in.get() & 0xff)));
            decoder.reset();
            result = decoder.decode(in, out, true);
        }
        return out.flip().toString();
    }

    /** For people: what is not a visible character is escaped, and the backslash, too. */
    static String escape(String decoded) {
        StringBuilder out = new StringBuilder();
        decoded.codePoints().forEach(point -> {
            switch (Character.getType(point)) {
                case Character.SURROGATE -> out.append(String.format(Locale.ROOT, "\\x%02x", point - HALF));
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR,
                        Character.PRIVATE_USE,
                        Character.UNASSIGNED ->
                    out.append(String.format(Locale.ROOT, point < 0x80 ? "\\x%02x" : "\\u{%x}", point));
                default -> out.appendCodePoint(point).append(point == '\\' ? "\\" : "");
            }
        });
        return out.toString();
    }
}
