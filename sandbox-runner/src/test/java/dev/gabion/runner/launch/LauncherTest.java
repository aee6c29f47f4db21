// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher is played by a script. */
@Timeout(30)
class LauncherTest {
    private static final String SAYS_DONE_AND_ENDS = """
            #!/usr/bin/python3 -IS
            import socket, struct, sys
            s = socket.socket(socket.AF_UNIX)
            s.connect(sys.argv[2])
            s.sendall(struct.pack('<HHI', 0x020a, 0, 0))
            """;

    @Test
    void endingAGuestThatHasEndedLosesNothingThatWasSaid(@TempDir Path folder)
            throws IOException, InterruptedException {
        Path program = Files.writeString(folder.resolve("launcher"), SAYS_DONE_AND_ENDS);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));

        try (Launcher launcher = Launcher.start(program, folder, Duration.ofSeconds(20))) {
            assertThat(launcher.waitFor(Duration.ofSeconds(20))).isZero();
            launcher.kill(true);

            assertThat(launcher.next()).isInstanceOf(LaunchEvent.Done.class);
            assertThat(launcher.next()).isNull();
        }
    }
}
