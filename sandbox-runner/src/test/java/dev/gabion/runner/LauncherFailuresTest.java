// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.runner.launch.LaunchEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LauncherFailuresTest {
    @ParameterizedTest
    @CsvSource({"clone,28", "clone,1", "clone,13", "id maps,1"})
    void whereTheMachineGivesNoUserNamespaceTheReasonSaysSo(String stage, int errno) {
        assertThat(LauncherFailures.explain(new LaunchEvent.Failure(errno, stage, "clone: refused")))
                .startsWith("launcher, " + stage + ": clone: refused (errno " + errno + "); ")
                .contains("no user namespace", "gabion doctor");
    }

    @Test
    void whereMountsAreForbiddenTheReasonSaysSo() {
        assertThat(LauncherFailures.explain(new LaunchEvent.Failure(13, "root", "make mounts private: refused")))
                .contains("(errno 13)", "security module", "AppArmor");
    }

    @Test
    void anythingElseIsTheLaunchersOwnWord() {
        assertThat(LauncherFailures.explain(new LaunchEvent.Failure(2, "bind", "/x: No such file or directory")))
                .isEqualTo("launcher, bind: /x: No such file or directory (errno 2)");
        assertThat(LauncherFailures.explain(new LaunchEvent.Failure(0, "request", "cwd: not absolute")))
                .isEqualTo("launcher, request: cwd: not absolute");
        assertThat(LauncherFailures.explain(new LaunchEvent.Failure(28, "root", "/work: No space left on device")))
                .doesNotContain("security module", "namespace");
    }
}
