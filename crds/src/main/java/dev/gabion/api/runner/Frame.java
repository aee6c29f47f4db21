// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.runner;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.UsageSample;
import java.util.List;

/**
 * A message of the runner in its own log, between the guest's output: a record separator, JSON, a line feed (RFC 7464).
 * The guest cannot write one, because a record separator of its own is shown as text.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Frame.Controls.class, name = "controls"),
    @JsonSubTypes.Type(value = Frame.Series.class, name = "usage"),
    @JsonSubTypes.Type(value = Frame.Tail.class, name = "tail"),
    @JsonSubTypes.Type(value = Frame.FileChunk.class, name = "file"),
    @JsonSubTypes.Type(value = Frame.Result.class, name = "result")
})
public sealed interface Frame {

    /** What the probes found, before the guest starts. */
    record Controls(List<Control> controls) implements Frame {}

    /** The whole usage series, in parts of at most {@link #MAX_SAMPLES}. */
    record Series(List<UsageSample> samples) implements Frame {
        public static final int MAX_SAMPLES = 600;
    }

    /**
     * The last bytes of a stream, raw.
     *
     * @param stream {@code stdout} or {@code stderr}
     * @param offset of the first byte of {@code data} in the stream
     */
    @SuppressWarnings("ArrayRecordComponent") // a frame is written and read, never compared
    record Tail(String stream, long offset, byte[] data) implements Frame {
        public static final int MAX_BYTES = 16 * 1024;
    }

    /**
     * A part of a kept file. Parts come in order; the last says so, and only then the file is whole.
     *
     * @param path in the work directory
     */
    @SuppressWarnings("ArrayRecordComponent") // a frame is written and read, never compared
    record FileChunk(String path, long offset, byte[] data, boolean last) implements Frame {
        public static final int MAX_BYTES = 24 * 1024;
    }

    /** The whole result, and the last frame. */
    record Result(SandboxResult result) implements Frame {}
}
