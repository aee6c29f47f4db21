// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.LimitHit;
import dev.gabion.api.v1alpha1.Output;
import dev.gabion.api.v1alpha1.OutputFile;
import dev.gabion.api.v1alpha1.Reason;
import dev.gabion.api.v1alpha1.StreamOutput;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.api.v1alpha1.UsageSample;
import dev.gabion.api.v1alpha1.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SandboxResultTest {

    private static final List<ControlName> CONTROLS = List.of(ControlName.values());
    private static final List<Verdict> VERDICTS = List.of(Verdict.values());

    private static final String[] ALPHABET = {
        "a", "é", "\u0000", "\u001e", "\"", "\\", "\uD83D\uDE00", "\uD83D", "\n", " "
    };

    @Test
    void aSmallResultIsWholeInTheTerminationMessage() {
        SandboxResult result = new SandboxResult(
                "6d1c4a0e-0000-4000-8000-000000000001",
                1,
                Verdict.MemoryExceeded,
                List.of(new Reason("MemoryLimit", "the guest met its memory limit", "memory", "64Mi", "64.2Mi")),
                null,
                "SIGKILL",
                List.of(new LimitHit("memory", "64Mi", null, 1L)),
                Usage.builder()
                        .cpuTimeMilliseconds(12L)
                        .peakMemoryBytes(67_000_000L)
                        .build(),
                List.of(new Control(ControlName.Seccomp, ControlState.Present, "mode 2")),
                new Output(new StreamOutput(null, 5L, false), new StreamOutput(null, 0L, false), null, null),
                List.of(new OutputFile("out.txt", 3L, "ab", true, "out.txt", null)),
                "2026-01-01T00:00:00Z",
                "2026-01-01T00:00:01Z",
                null);

        assertThat(SandboxResult.fromJson(result.toTerminationMessage())).isEqualTo(result);
    }

    /** A plain property loop: any content, always within the kubelet's limit, always with who, which attempt, what. */
    @Test
    void theTerminationMessageAlwaysFits() {
        Random random = new Random(20260101);
        int shortened = 0;
        for (int round = 0; round < 2_000; round++) {
            SandboxResult result = arbitrary(random, round);
            byte[] message = result.toTerminationMessage();

            assertThat(message).hasSizeLessThanOrEqualTo(SandboxResult.MAX_TERMINATION_MESSAGE);
            assertThat(message).doesNotContain((byte) FrameWriter.SEPARATOR, (byte) '\n', (byte) 0);
            SandboxResult read = SandboxResult.fromJson(message);
            assertThat(read.verdict()).isEqualTo(result.verdict());
            assertThat(read.attempt()).isEqualTo(result.attempt());
            assertThat(read.exitCode()).isEqualTo(result.exitCode());
            if (result.jobUid().length() <= 64 && !result.jobUid().contains("\uD83D")) {
                assertThat(read.jobUid()).isEqualTo(result.jobUid());
            }
            if (Boolean.TRUE.equals(read.shortened())) {
                shortened++;
            }
        }
        assertThat(shortened).as("rounds that had to leave something out").isBetween(500, 1_999);
    }

    @Test
    void controlsOutliveEvidence() {
        List<Control> controls = Stream.of(ControlName.values())
                .map(name -> new Control(name, ControlState.Present, "x".repeat(256)))
                .toList();
        SandboxResult result = new SandboxResult(
                "u", 1, Verdict.OK, null, 0, null, null, null, controls, null, null, null, null, null);

        SandboxResult read = SandboxResult.fromJson(result.toTerminationMessage());

        assertThat(read.controls()).hasSameSizeAs(controls);
        assertThat(read.shortened()).isTrue();
    }

    @Test
    void whatIsNoResultIsRefused() {
        for (String text :
                List.of("", "null", "[]", "{}", "{\"verdict\":\"OK\"}", "{\"verdict\":\"Nonsense\"}", "OOMKilled")) {
            assertThatThrownBy(() -> SandboxResult.fromJson(text.getBytes(StandardCharsets.UTF_8)))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static SandboxResult arbitrary(Random random, int round) {
        int size = round % 50;
        List<Reason> reasons = new ArrayList<>();
        List<LimitHit> hits = new ArrayList<>();
        List<Control> controls = new ArrayList<>();
        List<OutputFile> files = new ArrayList<>();
        List<UsageSample> series = new ArrayList<>();
        for (int i = 0; i < random.nextInt(size + 1); i++) {
            reasons.add(new Reason(
                    text(random, 80), text(random, 600), text(random, 80), text(random, 80), text(random, 200)));
            hits.add(new LimitHit(text(random, 80), text(random, 80), text(random, 200), random.nextLong()));
            controls.add(new Control(CONTROLS.get(i % CONTROLS.size()), ControlState.Unknown, text(random, 300)));
            files.add(new OutputFile(text(random, 300), 1L, text(random, 64), true, text(random, 253), null));
            series.add(new UsageSample(i, random.nextLong(), random.nextLong(), i, random.nextLong(), 0L));
        }
        StreamOutput stream = new StreamOutput(text(random, 5000), random.nextLong(), random.nextBoolean());
        return new SandboxResult(
                text(random, 100),
                random.nextInt(),
                VERDICTS.get(random.nextInt(VERDICTS.size())),
                reasons,
                random.nextBoolean() ? random.nextInt() : null,
                random.nextBoolean() ? text(random, 40) : null,
                hits,
                Usage.builder()
                        .series(series)
                        .cpuTimeMilliseconds(random.nextLong())
                        .build(),
                controls,
                new Output(stream, stream, text(random, 253), text(random, 600)),
                files,
                text(random, 60),
                text(random, 60),
                null);
    }

    private static String text(Random random, int max) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(max + 1);
        while (text.length() < length) {
            text.append(ALPHABET[random.nextInt(ALPHABET.length)]);
        }
        return text.toString();
    }
}
