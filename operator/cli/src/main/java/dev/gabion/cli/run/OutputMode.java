// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import dev.gabion.cli.terminal.Terminal;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a guest's bytes are shown. */
public final class OutputMode {
    @Option(
            names = "--raw",
            description = "Write the guest's bytes as they are, also to a terminal, which may obey them.")
    private boolean raw;

    @Option(names = "--escape", description = "Escape what a terminal would obey, also into a file or pipe.")
    private boolean escape;

    /** Whether what goes to this descriptor is escaped: on a terminal, unless the user says otherwise. */
    boolean escaped(int descriptor) {
        return escape || (!raw && Terminal.is(descriptor));
    }

    /** Writes text as UTF-8, whatever the locale, and ends its last line. */
    public static void writeText(PrintStream out, @Nullable String text) {
        if (text == null || text.isEmpty()) {
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write(bytes, 0, bytes.length);
        if (!text.endsWith("\n")) {
            out.write('\n');
        }
        out.flush();
    }
}
