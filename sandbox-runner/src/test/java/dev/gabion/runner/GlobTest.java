// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

class GlobTest {

    @ParameterizedTest
    @CsvFileSource(files = "launcher/tests/globs.txt", delimiter = '\t')
    void matchesAsTheLauncherDoes(String name, String glob, boolean expected) {
        assertThat(new Glob(glob).matches(name)).isEqualTo(expected);
    }

    /** Names that no Path can be made of everywhere: bytes that are not UTF-8 arrive as U+FFFD, NUL does not arrive. */
    @Test
    void matchesNamesThatAreNoPathsInEveryLocale() {
        assertThat(new Glob("*.txt").matches("\ufffd\ufffd.txt")).isTrue();
        assertThat(new Glob("?.txt").matches("\ud83d\ude00.txt")).isTrue();
        assertThat(new Glob("*").matches("\ud83d")).isTrue();
    }

    @Test
    void aNameMadeToTakeLongDoesNot() {
        Glob glob = new Glob("*a".repeat(120) + "b");

        Assertions.assertTimeout(Duration.ofSeconds(5), () -> assertThat(glob.matches("a".repeat(4_000)))
                .isFalse());
    }
}
