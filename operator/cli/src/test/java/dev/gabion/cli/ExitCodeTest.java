// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.Verdict;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExitCodeTest {
    @Test
    void theGuestsCodeIsOurs() {
        assertThat(ExitCode.of(Verdict.OK, 0, null)).isZero();
        assertThat(ExitCode.of(Verdict.NonZeroExit, 3, null)).isEqualTo(3);
        assertThat(ExitCode.of(Verdict.NonZeroExit, 255, null)).isEqualTo(255);
    }

    @Test
    void aSignalIsShownAsAShellDoes() {
        assertThat(ExitCode.of(Verdict.Signalled, null, "SIGSEGV")).isEqualTo(139);
        assertThat(ExitCode.of(Verdict.Signalled, null, "SIGKILL")).isEqualTo(137);
    }

    @Test
    void aSignalWithoutANameHasItsNumber() {
        assertThat(ExitCode.of(Verdict.Signalled, null, "signal 34")).isEqualTo(162);
    }

    @Test
    void everyOtherVerdictHasACodeOfItsOwn() {
        List<Integer> codes = Arrays.stream(Verdict.values())
                .filter(verdict ->
                        verdict != Verdict.OK && verdict != Verdict.NonZeroExit && verdict != Verdict.Signalled)
                .map(verdict -> ExitCode.of(verdict, null, null))
                .toList();
        assertThat(codes)
                .doesNotHaveDuplicates()
                .allSatisfy(code -> assertThat(code).isBetween(110, 119).isNotIn(ExitCode.USAGE, ExitCode.CLUSTER));
    }
}
