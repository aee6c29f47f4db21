// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.Reason;
import dev.gabion.api.v1alpha1.Verdict;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each control left off by the test build of the launcher: the probe finds it, the engine refuses, the guest never runs. What
 * a guest could do without the control is the business of attacks/check.py.
 */
@Timeout(60)
class WithoutControlIT {

    @ParameterizedTest(name = "{1}")
    @CsvSource({
        "0x1, UserNamespace",
        "0x2, PidNamespace",
        "0x4, MountNamespace",
        "0x8, NetworkNamespace",
        "0x10, IpcNamespace",
        "0x20, UtsNamespace",
        "0x40, ReadOnlyRoot",
        "0x80, NoNewPrivileges",
        "0x100, NoCapabilities",
        "0x200, Seccomp",
        "0x400, Landlock",
        "0x800, ResourceLimits"
    })
    void theGuestIsNotRun(String control, ControlName name) {
        int off = Integer.decode(control);
        Jobs.Run run = Jobs.bash("echo ran")
                .required(name)
                .run(options -> new EngineOptions(
                        Jobs.launcher(true),
                        options.sourceDirectory(),
                        options.scratchDirectory(),
                        false,
                        PodProbes.NONE,
                        options.outsideUid(),
                        false,
                        off,
                        options.maxKeptBytes(),
                        options.maxKeptFiles()));

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.InternalError);
        assertThat(run.result().reasons()).extracting(Reason::code).containsOnly("ControlAbsent");
        assertThat(run.result().reasons().getFirst().message()).contains(name.name());
        assertThat(run.controls())
                .filteredOn(found -> found.name() == name)
                .extracting(Control::state)
                .containsExactly(ControlState.Absent);
        assertThat(run.guestStarted()).isFalse();
        assertThat(run.stdout()).isEmpty();
    }
}
