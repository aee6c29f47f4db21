// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.meter;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Small files of /proc and /sys/fs/cgroup. */
final class Proc {
    /** USER_HZ is 100 on every Linux that Java runs on (the kernel scales to it). */
    static final long NANOS_PER_TICK = 10_000_000L;

    static final long PAGE_BYTES = 4096;

    /** The file's text; null when it is gone or may not be read. */
    static @Nullable String text(Path path) {
        try (FileInputStream in = new FileInputStream(path.toFile())) {
            return new String(in.readNBytes(64 * 1024), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return null;
        }
    }

    /** The number that the file holds; -1 when there is none. */
    static long number(Path path) {
        String text = text(path);
        return text == null ? -1 : parse(text.strip());
    }

    /** The number behind a key of "key number" or "key: number kB" lines; -1 when there is none. */
    static long value(@Nullable String text, String key) {
        if (text == null) {
            return -1;
        }
        for (int at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + 1)) {
            if (at > 0 && text.charAt(at - 1) != '\n') {
                continue;
            }
            int from = at + key.length();
            int end = text.indexOf('\n', from);
            String rest = text.substring(from, end < 0 ? text.length() : end).strip();
            int space = rest.indexOf(' ');
            long number = parse(space < 0 ? rest : rest.substring(0, space));
            return rest.endsWith(" kB") ? number * 1024 : number;
        }
        return -1;
    }

    private static long parse(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /**
     * The fields of a stat file behind the name, which may hold spaces and brackets: [0] is the state (proc(5), field 3).
     */
    static String @Nullable [] stat(Path proc, long pid) {
        String text = text(proc.resolve(pid + "/stat"));
        if (text == null) {
            return null;
        }
        int end = text.lastIndexOf(')');
        return end < 0 ? null : text.substring(end + 2).strip().split(" ", -1);
    }

    static final int PARENT = 1;
    static final int USER_TIME = 11;
    static final int SYSTEM_TIME = 12;
    static final int CHILDREN_USER_TIME = 13;
    static final int CHILDREN_SYSTEM_TIME = 14;
    static final int THREADS = 17;
    static final int RESIDENT_PAGES = 21;

    private Proc() {}
}
