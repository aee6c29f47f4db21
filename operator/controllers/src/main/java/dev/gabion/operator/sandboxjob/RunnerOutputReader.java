// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.runner.Frame;
import dev.gabion.api.runner.FrameReader;
import dev.gabion.api.runner.FrameReader.TextConsumer;
import dev.gabion.api.runner.SandboxResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Collects the frames of a runner's log. What it keeps is bounded whatever the log holds: two tails, a thinned course,
 * and as many file bytes as the result store takes.
 */
final class RunnerOutputReader {
    private final Series series = new Series(ResultRenderer.SAMPLES);
    private final Map<String, byte[]> tails = new HashMap<>();
    private final Map<String, ByteArrayOutputStream> open = new HashMap<>();
    private final Map<String, byte[]> files = new HashMap<>();
    private final Set<String> torn = new HashSet<>();
    private int room = ResultRenderer.ROOM;
    private boolean guestStarted;
    private @Nullable SandboxResult result;

    private RunnerOutputReader() {}

    /** Reads a whole log. */
    static RunnerOutput read(InputStream log) throws IOException {
        RunnerOutputReader collected = new RunnerOutputReader();
        FrameReader frames = new FrameReader(collected::accept, TextConsumer.none());
        frames.readAll(log);
        return collected.output(frames.skipped());
    }

    /** A frame that lacks something throws: the reader counts it as one it could not read. */
    private void accept(Frame frame) {
        switch (frame) {
            case Frame.Controls controls -> guestStarted = true;
            case Frame.Series(var samples) ->
                required(samples).forEach(sample -> series.add(Bounded.sample(required(sample))));
            case Frame.Tail(var stream, var offset, var data) -> tails.put(required(stream), lastOf(required(data)));
            case Frame.FileChunk chunk -> accept(chunk);
            case Frame.Result(var whole) -> result = required(whole);
        }
    }

    private static <T> T required(@Nullable T part) {
        if (part == null) {
            throw new IllegalArgumentException("a part of the frame is missing");
        }
        return part;
    }

    private static byte[] lastOf(byte[] tail) {
        int most = Frame.Tail.MAX_BYTES;
        return tail.length <= most ? tail : Arrays.copyOfRange(tail, tail.length - most, tail.length);
    }

    private void accept(Frame.FileChunk chunk) {
        String path = required(chunk.path());
        byte[] data = required(chunk.data());
        if (torn.contains(path)) {
            return;
        }
        ByteArrayOutputStream content = open.computeIfAbsent(path, start -> new ByteArrayOutputStream());
        if (chunk.offset() != content.size() || data.length > room) {
            torn.add(path);
            room += content.size();
            open.remove(path);
            return;
        }
        content.writeBytes(data);
        room -= data.length;
        if (chunk.last()) {
            files.put(path, content.toByteArray());
            open.remove(path);
        }
    }

    private RunnerOutput output(long skipped) {
        String missing = result == null
                ? "the end of the pod's log is missing"
                : skipped > 0 ? skipped + " parts of the pod's log could not be read" : null;
        return new RunnerOutput(
                result,
                guestStarted,
                series.samples(),
                tails.get("stdout"),
                tails.get("stderr"),
                Map.copyOf(files),
                missing);
    }
}
