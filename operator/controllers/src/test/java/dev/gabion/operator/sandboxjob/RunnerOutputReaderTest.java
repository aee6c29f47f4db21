// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.runner.Frame;
import dev.gabion.api.runner.FrameWriter;
import dev.gabion.api.v1alpha1.Verdict;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunnerOutputReaderTest {
    @Test
    void collectsTailsFilesAndTheResult() throws IOException {
        RunnerOutput output = read(
                new Frame.Controls(List.of()),
                new Frame.Tail("stdout", 0, FakeKubelet.bytes("out")),
                new Frame.Tail("stderr", 0, FakeKubelet.bytes("err")),
                new Frame.FileChunk("a.txt", 0, FakeKubelet.bytes("one "), false),
                new Frame.FileChunk("a.txt", 4, FakeKubelet.bytes("two"), true),
                new Frame.Result(FakeKubelet.result("uid", 1, Verdict.OK, 0)));

        assertThat(output.guestStarted()).isTrue();
        assertThat(output.stdout()).asString().isEqualTo("out");
        assertThat(output.stderr()).asString().isEqualTo("err");
        assertThat(output.files()).containsOnlyKeys("a.txt");
        assertThat(output.files().get("a.txt")).asString().isEqualTo("one two");
        assertThat(output.missing()).isNull();
    }

    @Test
    void saysThatTheEndIsMissing() throws IOException {
        assertThat(read(new Frame.Controls(List.of())).missing()).isEqualTo("the end of the pod's log is missing");
    }

    @Test
    void aFileWithAHoleOrWithoutAnEndIsNoFile() throws IOException {
        RunnerOutput output = read(
                new Frame.FileChunk("hole", 0, FakeKubelet.bytes("one"), false),
                new Frame.FileChunk("hole", 5, FakeKubelet.bytes("two"), true),
                new Frame.FileChunk("endless", 0, FakeKubelet.bytes("one"), false));

        assertThat(output.files()).isEmpty();
    }

    @Test
    void keepsNoMoreThanTheStoreTakes() throws IOException {
        byte[] chunk = new byte[Frame.FileChunk.MAX_BYTES];
        Frame[] frames = new Frame[64];
        for (int part = 0; part < frames.length; part++) {
            frames[part] = new Frame.FileChunk("large", (long) part * chunk.length, chunk, part == frames.length - 1);
        }

        RunnerOutput output = read(frames);

        assertThat((long) frames.length * chunk.length).isGreaterThan(ResultRenderer.ROOM);
        assertThat(output.files()).isEmpty();
    }

    private static RunnerOutput read(Frame... frames) throws IOException {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        FrameWriter writer = new FrameWriter(log);
        for (Frame frame : frames) {
            writer.text("something the guest wrote\n");
            writer.frame(frame);
        }
        return RunnerOutputReader.read(new ByteArrayInputStream(log.toByteArray()));
    }
}
