// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gabion.cli.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptFilesTest {
    @TempDir
    Path folder = Path.of(""); // set by JUnit

    @Test
    void writesBelowTheFolder() throws IOException {
        Path written = new KeptFiles(folder.resolve("out")).write("a/b/c.txt", new byte[] {65});
        assertThat(written).isEqualTo(folder.resolve("out/a/b/c.txt"));
        assertThat(Files.readString(written)).isEqualTo("A");
    }

    @Test
    void neverWritesOutsideIt() throws IOException {
        KeptFiles kept = new KeptFiles(folder.resolve("out"));
        for (String path : new String[] {"../x", "a/../../x", "/etc/x", "", "."}) {
            assertThatThrownBy(() -> kept.write(path, new byte[1]))
                    .as(path)
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("leads out of");
        }
        Files.createDirectories(folder.resolve("out"));
        Files.createDirectories(folder.resolve("elsewhere"));
        Files.createSymbolicLink(folder.resolve("out/link"), folder.resolve("elsewhere"));
        assertThatThrownBy(() -> kept.write("link/x", new byte[1])).isInstanceOf(RuntimeException.class);
        Files.createSymbolicLink(folder.resolve("out/file"), folder.resolve("elsewhere/file"));
        assertThatThrownBy(() -> kept.write("file", new byte[1])).isInstanceOf(RuntimeException.class);
        assertThat(folder.resolve("elsewhere")).isEmptyDirectory();
    }
}
