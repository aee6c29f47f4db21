// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.runner;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes frames and the guest's output to one stream. Safe for several threads: a frame is never torn by text.
 */
public final class FrameWriter {
    /** RFC 7464's record separator. */
    static final int SEPARATOR = 0x1e;

    private final OutputStream out;

    public FrameWriter(OutputStream out) {
        this.out = out;
    }

    public synchronized void frame(Frame frame) throws IOException {
        byte[] json = RunnerJson.write(frame);
        byte[] line = new byte[json.length + 2];
        line[0] = SEPARATOR;
        System.arraycopy(json, 0, line, 1, json.length);
        line[line.length - 1] = '\n';
        out.write(line);
        out.flush();
    }

    /** Text that went through {@link TerminalText}: it holds no separator. */
    public synchronized void text(String escaped) throws IOException {
        if (escaped.indexOf(SEPARATOR) >= 0) {
            throw new IllegalArgumentException("text with a record separator in it");
        }
        out.write(escaped.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        out.flush();
    }
}
