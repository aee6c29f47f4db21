// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Both sides of the protocol against the launcher's own header. */
class ProtocolTest {
    private final Map<String, Integer> header = new HashMap<>();

    ProtocolTest() throws IOException {
        for (String line : Files.readAllLines(Path.of("launcher/src/protocol.h"))) {
            String[] words = line.split("\\s+", -1);
            if (words.length >= 3 && words[0].equals("#define") && words[1].startsWith("GBL_")) {
                header.put(words[1], Integer.decode(words[2]));
            }
        }
    }

    private int number(String name) {
        return java.util.Objects.requireNonNull(header.get(name), name);
    }

    @Test
    void everyRecordHasTheHeadersNumber() {
        record Sent(String name, UnaryOperator<LaunchRequest> write) {}
        Set<Sent> records = Set.of(
                new Sent("LEVEL", r -> r.level(true)),
                new Sent("FLAGS", r -> r.flags(true, false, false, false)),
                new Sent("IDS", r -> r.ids(1, 2, 3, 4)),
                new Sent("HOSTNAME", r -> r.hostname("h")),
                new Sent("ARG", r -> r.argument("a")),
                new Sent("ENV", r -> r.environment("A", "b")),
                new Sent("CWD", r -> r.directory("/")),
                new Sent("BIND", r -> r.bind("/a", "/b", true)),
                new Sent("TMPFS", r -> r.tmpfs("/w", 4096, 2, 0755)),
                new Sent("SYMLINK", r -> r.symlink("a", "/b")),
                new Sent("FILE", r -> r.file("/f", 0644, new byte[3])),
                new Sent("RLIMIT", r -> r.limit(LaunchRequest.Resource.CPU, 1)),
                new Sent("SECCOMP", r -> r.seccomp(new byte[8])),
                new Sent("COLLECT", r -> r.collect("/w/*")),
                new Sent("COLLECT", r -> r.collectSize("/w/*")),
                new Sent("COLLECT_LIMITS", r -> r.collectLimits(1, 2)),
                new Sent("TEST_SWITCHES", r -> r.testSwitches(1)));

        Set<String> named = new HashSet<>();
        for (Sent sent : records) {
            byte[] request = sent.write.apply(new LaunchRequest()).encode();
            ByteBuffer bytes = ByteBuffer.wrap(request).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(bytes.getInt(0)).isEqualTo(number("GBL_MAGIC"));
            assertThat(bytes.getShort(4)).isEqualTo((short) number("GBL_VERSION"));
            assertThat(bytes.getInt(8)).isEqualTo(request.length - 12);
            assertThat((int) bytes.getShort(12)).as(sent.name).isEqualTo(number("GBL_REQ_" + sent.name));
            assertThat(bytes.getInt(16)).as(sent.name).isEqualTo(request.length - 12 - 8 - 8);
            assertThat((int) bytes.getShort(request.length - 8)).isEqualTo(number("GBL_REQ_END"));
            named.add("GBL_REQ_" + sent.name);
        }
        named.add("GBL_REQ_END");
        assertThat(header.keySet().stream().filter(name -> name.startsWith("GBL_REQ_")))
                .containsExactlyInAnyOrderElementsOf(named);
    }

    @Test
    void everyEventOfTheHeaderIsDecoded() {
        byte[] zeros = new byte[80];
        Map<String, Class<? extends LaunchEvent>> events = Map.ofEntries(
                Map.entry("HELLO", LaunchEvent.Hello.class),
                Map.entry("PROBE", LaunchEvent.Probe.class),
                Map.entry("READY", LaunchEvent.Ready.class),
                Map.entry("STARTED", LaunchEvent.Started.class),
                Map.entry("VIOLATION", LaunchEvent.Violation.class),
                Map.entry("EXIT", LaunchEvent.Exit.class),
                Map.entry("FILE_BEGIN", LaunchEvent.FileBegin.class),
                Map.entry("FILE_DATA", LaunchEvent.FileData.class),
                Map.entry("FILE_END", LaunchEvent.FileEnd.class),
                Map.entry("DONE", LaunchEvent.Done.class),
                Map.entry("ERROR", LaunchEvent.Failure.class));

        events.forEach((name, type) -> assertThat(LaunchEvent.decode(number("GBL_EV_" + name), 0, zeros))
                .as(name)
                .isInstanceOf(type));
        assertThat(header.keySet().stream().filter(name -> name.startsWith("GBL_EV_")))
                .hasSize(events.size());
        assertThatThrownBy(() -> LaunchEvent.decode(0x300, 0, zeros)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LaunchEvent.decode(number("GBL_EV_EXIT"), 0, new byte[10]))
                .hasMessageContaining("too short");
    }

    @Test
    void aNulInAStringIsRefusedHere() {
        assertThatThrownBy(() -> new LaunchRequest().argument("a\0b")).hasMessageContaining("NUL");
    }
}
