// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Learning what a profile lacks: violations are told and let through, and the status does not claim a filter. */
@Timeout(60)
class LearnIT {

    @Test
    void violationsAreToldByNameAndTheProgramGoesOn() {
        Jobs.Run run = Jobs.python("""
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.close()
            s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM); s.close()
            print('went on')
            """).run(options -> options.withLearn(true));

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.stdout()).isEqualTo("went on\n");
        assertThat(run.violations()).contains("socket(AF_INET)", "socket(AF_INET6)");
        assertThat(run.controls())
                .filteredOn(control -> control.name() == ControlName.Seccomp)
                .extracting(Control::state)
                .containsExactly(ControlState.Absent);
    }

    @Test
    void aProgramWithinItsProfileTeachesNothing() {
        Jobs.Run run = Jobs.bash("echo hello | tr a-z A-Z").run(options -> options.withLearn(true));

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.stdout()).isEqualTo("HELLO\n");
        assertThat(run.violations()).isEmpty();
    }
}
