// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import dev.gabion.api.runner.TerminalText;
import dev.gabion.cli.terminal.ProgressLine;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * One of the guest's streams on one of ours: byte for byte, or as text that a terminal shows and does not obey. Steps in
 * front of the progress line.
 */
final class GuestOutput {
    private final PrintStream out;
    private final ProgressLine progress;
    private final boolean escaped;
    private final TerminalText text = new TerminalText();

    GuestOutput(PrintStream out, ProgressLine progress, boolean escaped) {
        this.out = out;
        this.progress = progress;
        this.escaped = escaped;
    }

    void write(byte[] bytes, int offset, int length) {
        if (length == 0) {
            return;
        }
        byte[] shown = escaped ? text.append(bytes, offset, length).getBytes(StandardCharsets.UTF_8) : null;
        if (shown == null) {
            emit(bytes, offset, length);
        } else if (shown.length > 0) {
            emit(shown, 0, shown.length);
        }
    }

    /** Writes what was held back. */
    void finish() {
        byte[] rest = text.finish().getBytes(StandardCharsets.UTF_8);
        if (rest.length > 0) {
            emit(rest, 0, rest.length);
        }
    }

    private void emit(byte[] bytes, int offset, int length) {
        progress.aside(
                () -> {
                    out.write(bytes, offset, length);
                    out.flush();
                },
                bytes[offset + length - 1] == '\n');
    }
}
