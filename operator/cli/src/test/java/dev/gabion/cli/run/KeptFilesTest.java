// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gabion.cli.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptFilesTest {
    @TempDir
    Path folder = Path.of(""); // set by JUnit

    @Test
    void writesBelowTheFolder() throws IOException {
        Path written = new KeptFiles(folder.resolve("out"), false).write("a/b/c.txt", new byte[] {65});
        assertThat(written).isEqualTo(folder.resolve("out/a/b/c.txt"));
        assertThat(Files.readString(written)).isEqualTo("A");
    }

    @Test
    void neverWritesOutsideIt() throws IOException {
        KeptFiles kept = new KeptFiles(folder.resolve("out"), true);
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

    @Test
    void overwritesNothingUnlessToldTo() throws IOException {
        Path there = Files.writeString(folder.resolve("plot.png"), "mine");
        KeptFiles careful = new KeptFiles(folder, false);

        assertThatThrownBy(() -> careful.write("plot.png", new byte[] {65}))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("is there already; give --force");
        assertThat(there).hasContent("mine");
        new KeptFiles(folder, true).write("plot.png", new byte[] {65});
        assertThat(there).hasContent("A");
    }

    @Test
    void saysBeforeTheRunWhatCouldBeOverwritten() throws IOException {
        Files.createDirectories(folder.resolve("out/deep"));
        Files.writeString(folder.resolve("plot.png"), "mine");
        Files.writeString(folder.resolve("out/deep/é.txt"), "mine");
        KeptFiles careful = new KeptFiles(folder, false);

        for (String pattern : new String[] {"plot.png", "./plot.png", "*.png", "*", "out/*/?.txt", "o[tu]t/deep/*"}) {
            assertThatThrownBy(() -> careful.refuseExisting(List.of("new.txt", pattern)))
                    .as(pattern)
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("--outputs: '" + pattern + "' could overwrite");
        }
        careful.refuseExisting(List.of("new.png", "*.csv", "out", "out/*", "none/*/x", "plot.png/x"));
        new KeptFiles(folder, true).refuseExisting(List.of("*"));
        new KeptFiles(folder.resolve("none"), false).refuseExisting(List.of("*"));
    }
}
