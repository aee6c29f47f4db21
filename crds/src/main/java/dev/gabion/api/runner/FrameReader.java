// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.runner;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/**
 * Takes frames out of a runner's log. Everything else is text. A frame that is torn, too long or not one of ours is
 * skipped and counted, never an exception: logs are rotated and cut.
 */
public final class FrameReader {
    /** Longest frame that is read; the longest that is written is a result with its tails. */
    public static final int MAX_FRAME_BYTES = 1024 * 1024;

    private final Consumer<Frame> frames;
    private final TextConsumer text;
    private long skipped;

    /** Gets the guest's (escaped) output. */
    @FunctionalInterface
    public interface TextConsumer {
        void accept(byte[] bytes, int offset, int length) throws IOException;

        /** For who wants the frames only. */
        static TextConsumer none() {
            return (bytes, offset, length) -> {};
        }
    }

    public FrameReader(Consumer<Frame> frames, TextConsumer text) {
        this.frames = frames;
        this.text = text;
    }

    /** Reads to the end of the stream. */
    public void readAll(InputStream in) throws IOException {
        InputStream buffered = new BufferedInputStream(in, 64 * 1024);
        byte[] run = new byte[8 * 1024];
        int length = 0;
        for (int next = buffered.read(); next >= 0; next = buffered.read()) {
            if (next != FrameWriter.SEPARATOR) {
                run[length++] = (byte) next;
                if (length == run.length) {
                    text.accept(run, 0, length);
                    length = 0;
                }
                continue;
            }
            text.accept(run, 0, length);
            length = 0;
            readFrame(buffered);
        }
        text.accept(run, 0, length);
    }

    /** Frames that could not be read. */
    public long skipped() {
        return skipped;
    }

    private void readFrame(InputStream in) throws IOException {
        ByteArrayOutputStream json = new ByteArrayOutputStream(1024);
        for (int next = in.read(); ; next = in.read()) {
            if (next == FrameWriter.SEPARATOR) { // the frame before it was torn; this one starts here
                skipped++;
                json.reset();
                continue;
            }
            if (next == '\n' || next < 0) {
                break;
            }
            if (json.size() <= MAX_FRAME_BYTES) {
                json.write(next);
            }
        }
        try {
            if (json.size() > MAX_FRAME_BYTES) {
                throw new IllegalArgumentException("frame too long");
            }
            frames.accept(RunnerJson.read(json.toByteArray(), Frame.class));
        } catch (IllegalArgumentException e) {
            skipped++;
        }
    }
}
