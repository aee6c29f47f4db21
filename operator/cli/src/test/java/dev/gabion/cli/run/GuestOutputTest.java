// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.cli.terminal.ProgressLine;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class GuestOutputTest {
    private static final byte[] NASTY = {0x1b, '[', '2', 'J', (byte) 0xff, 0, '\n', (byte) 0xc3, (byte) 0xbc, '\n'};

    @Test
    void aTerminalIsToldWhatItWouldObey() {
        assertThat(shown(true)).isEqualTo("\\x1b[2J\\xff\\x00\nü\n".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aPipeGetsTheBytes() {
        assertThat(shown(false)).isEqualTo(NASTY);
    }

    private static byte[] shown(boolean escaped) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        GuestOutput output = new GuestOutput(out, new ProgressLine(out, false), escaped);
        for (int i = 0; i < NASTY.length; i++) { // one byte at a time: characters come in pieces
            output.write(NASTY, i, 1);
        }
        output.finish();
        return bytes.toByteArray();
    }
}
