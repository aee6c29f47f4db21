// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.terminal;

import dev.gabion.api.runner.TerminalText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a descriptor of this process is a terminal. The JDK only tells it for input and output together. */
public final class Terminal {
    /** Standard input. */
    public static final int STDIN = 0;

    /** Standard output. */
    public static final int STDOUT = 1;

    /** Standard error. */
    public static final int STDERR = 2;

    /** Whether this descriptor of the process is a terminal. */
    public static boolean is(int descriptor) {
        try {
            Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor));
            return isTerminalDevice(target.toString());
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    static boolean isTerminalDevice(String path) {
        return path.startsWith("/dev/pts/") || path.startsWith("/dev/tty") || path.equals("/dev/console");
    }

    /** Somebody else's text for a message: nothing in it that a terminal would obey. */
    public static String harmless(String text) {
        return TerminalText.escape(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The same, and on one line. */
    public static String oneLine(String text) {
        return harmless(text).replace("\n", "\\n").replace("\t", "\\t");
    }

    private Terminal() {}
}
