// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void onATerminalOneLineIsWrittenOverAndOver() {
        ProgressLine line = new ProgressLine(out, true);
        line.update(100, 90L, 1L << 20);
        line.update(1_500, null, null);
        line.end();
        assertThat(written())
                .isEqualTo("\r\u001b[2Krunning 100 ms, CPU 90 ms, memory 1.0 MiB\r\u001b[2Krunning 1.50 s\r\u001b[2K");
    }

    @Test
    void itStepsAsideForOutputAndWaitsForTheEndOfItsLine() {
        ProgressLine line = new ProgressLine(out, true);
        line.update(100, null, null);
        line.aside(() -> out.print("half"), false);
        line.update(200, null, null);
        line.aside(() -> out.print(" whole\n"), true);
        line.update(300, null, null);
        line.end();
        assertThat(written())
                .isEqualTo("\r\u001b[2Krunning 100 ms\r\u001b[2Khalf whole\n\r\u001b[2Krunning 300 ms\r\u001b[2K");
    }

    @Test
    void anUnfinishedLineIsEndedForWhatFollows() {
        ProgressLine line = new ProgressLine(out, true);
        line.aside(() -> out.print("half"), false);
        line.end();
        assertThat(written()).isEqualTo("half\n");
    }

    @Test
    void inAPipeALineEveryTenSecondsWithoutControlCharacters() {
        ProgressLine line = new ProgressLine(out, false);
        for (long now = 0; now <= 25_000; now += 100) {
            line.update(now, null, null);
        }
        line.end();
        assertThat(written().lines()).containsExactly("running 10.00 s", "running 20.00 s");
    }

    @Test
    void terminalsAreKnownByTheirDevices() {
        assertThat(Terminal.isTerminalDevice("/dev/pts/3")).isTrue();
        assertThat(Terminal.isTerminalDevice("/dev/tty1")).isTrue();
        assertThat(Terminal.isTerminalDevice("/dev/null")).isFalse();
        assertThat(Terminal.isTerminalDevice("pipe:[123]")).isFalse();
        assertThat(Terminal.is(99)).isFalse();
    }

    private String written() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
