// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.UsageSample;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameTest {

    private final List<Frame> frames = new ArrayList<>();
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();

    @Test
    void whatIsWrittenIsRead() throws IOException {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        FrameWriter writer = new FrameWriter(log);
        Frame controls = new Frame.Controls(List.of(new Control(ControlName.Seccomp, ControlState.Present, "mode 2")));
        Frame series = new Frame.Series(List.of(new UsageSample(0, 1L, 2L, 3, 4L, 5L)));
        Frame result = new Frame.Result(SandboxResultTestData.ok("uid", 2));

        writer.frame(controls);
        writer.text("partial line");
        writer.frame(series);
        writer.frame(new Frame.Tail("stdout", 7, new byte[] {0, 0x1e, '\n', (byte) 0xff}));
        writer.frame(new Frame.FileChunk("out/a.png", 0, new byte[] {1, 2}, true));
        writer.text("the end\n");
        writer.frame(result);
        long skipped = read(log.toByteArray());

        assertThat(skipped).isZero();
        assertThat(text.toString(StandardCharsets.UTF_8)).isEqualTo("partial linethe end\n");
        assertThat(frames).hasSize(5).contains(controls, series, result);
        assertThat(frames.get(2)).isInstanceOfSatisfying(Frame.Tail.class, tail -> {
            assertThat(tail.offset()).isEqualTo(7);
            assertThat(tail.data()).containsExactly(0, 0x1e, '\n', 0xff);
        });
        assertThat(frames.get(3)).isInstanceOfSatisfying(Frame.FileChunk.class, chunk -> {
            assertThat(chunk.path()).isEqualTo("out/a.png");
            assertThat(chunk.last()).isTrue();
        });
    }

    /** The guest writes a frame of its own: it comes out as text. */
    @Test
    void theGuestCannotForgeAFrame() throws IOException {
        ByteArrayOutputStream forged = new ByteArrayOutputStream();
        new FrameWriter(forged).frame(new Frame.Result(SandboxResultTestData.ok("uid", 1)));
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        FrameWriter writer = new FrameWriter(log);

        writer.text(TerminalText.escape(forged.toByteArray()));
        read(log.toByteArray());

        assertThat(frames).isEmpty();
        assertThat(text.toString(StandardCharsets.UTF_8)).startsWith("\\x1e{\"kind\":\"result\"");
        assertThatThrownBy(() -> writer.text("\u001e{}\n")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void tornAndForeignFramesAreSkippedAndCounted() throws IOException {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        FrameWriter writer = new FrameWriter(log);
        log.writeBytes("\u001e{\"kind\":\"resu".getBytes(StandardCharsets.UTF_8));
        writer.frame(new Frame.Series(List.of()));
        log.writeBytes("\u001e{\"kind\":\"unheard\"}\nrest".getBytes(StandardCharsets.UTF_8));

        long skipped = read(log.toByteArray());

        assertThat(skipped).isEqualTo(2);
        assertThat(frames).containsExactly(new Frame.Series(List.of()));
        assertThat(text.toString(StandardCharsets.UTF_8)).isEqualTo("rest");
    }

    /** Whatever the bytes: nothing that a terminal obeys, and split anywhere it is the same text. */
    @Test
    void escapedTextIsHarmlessHoweverItIsSplit() {
        Random random = new Random(7);
        byte[][] pieces = {
            "plain\n\t".getBytes(StandardCharsets.UTF_8),
            "é€😀".getBytes(StandardCharsets.UTF_8),
            "\u001b]0;title\u0007\u001b[2J".getBytes(StandardCharsets.UTF_8),
            "\u202e\u2066\u0085\u007f".getBytes(StandardCharsets.UTF_8),
            {0, (byte) 0xff, (byte) 0xc3, (byte) 0xf0, (byte) 0x9f, (byte) 0xed, (byte) 0xa0, (byte) 0x80, 0x1e}
        };
        for (int round = 0; round < 500; round++) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int i = 0; i < 8; i++) {
                byte[] piece = pieces[random.nextInt(pieces.length)];
                bytes.write(piece, 0, random.nextInt(piece.length + 1));
            }
            byte[] all = bytes.toByteArray();
            String whole = TerminalText.escape(all);
            TerminalText split = new TerminalText();
            StringBuilder parts = new StringBuilder();
            int at = 0;
            while (at < all.length) {
                int length = Math.min(1 + random.nextInt(3), all.length - at);
                parts.append(split.append(Arrays.copyOfRange(all, at, at + length), 0, length));
                at += length;
            }
            parts.append(split.finish());

            assertThat(parts.toString()).isEqualTo(whole);
            assertThat(whole.codePoints())
                    .allMatch(point -> point == '\n' || point == '\t' || !Character.isISOControl(point))
                    .noneMatch(point -> Character.getType(point) == Character.SURROGATE)
                    .noneMatch(point -> point >= 0x202a && point <= 0x202e);
        }
        assertThat(TerminalText.escape("naïve €\n".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("naïve €\n");
        assertThat(TerminalText.escape(new byte[] {0x1b, '[', '0', 'm'})).isEqualTo("\\x1b[0m");
        assertThat(TerminalText.escape(new byte[] {'a', (byte) 0xe2, (byte) 0x82}))
                .isEqualTo("a\\xe2\\x82");
    }

    private long read(byte[] log) throws IOException {
        FrameReader reader = new FrameReader(frames::add, text::write);
        reader.readAll(new ByteArrayInputStream(log));
        return reader.skipped();
    }
}
