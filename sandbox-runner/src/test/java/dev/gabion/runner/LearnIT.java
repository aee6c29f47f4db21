// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.CustomSeccompProfile;
import dev.gabion.api.v1alpha1.SeccompAction;
import dev.gabion.api.v1alpha1.SeccompArg;
import dev.gabion.api.v1alpha1.SeccompRule;
import dev.gabion.api.v1alpha1.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a profile lacks is learned, and then allowed by one of one's own; learning claims no filter. */
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

    /** What a profile of one's own adds holds, its conditions with it; the rest stays a violation. */
    @Test
    void aCustomProfileLetsItsProgramRunAndNothingElse() {
        String program = """
            import socket, sys
            socket.socket(getattr(socket, sys.argv[1]), socket.SOCK_DGRAM).close()
            print('closed')
            """;
        CustomSeccompProfile own = new CustomSeccompProfile(
                "own",
                null,
                "python",
                null,
                null,
                List.of(new SeccompRule(
                        null, List.of("socket"), SeccompAction.SCMP_ACT_ALLOW, null, List.of(SeccompArg.int32(0, 2)))));

        Jobs.Run shipped = Jobs.python(program).args("AF_INET").run();
        Jobs.Run allowed = Jobs.python(program).args("AF_INET").profile(own).run();
        Jobs.Run other = Jobs.python(program).args("AF_INET6").profile(own).run();

        assertThat(shipped.result().verdict()).as(shipped.toString()).isEqualTo(Verdict.SecurityViolation);
        assertThat(allowed.result().verdict()).as(allowed.toString()).isEqualTo(Verdict.OK);
        assertThat(allowed.stdout()).isEqualTo("closed\n");
        assertThat(other.result().verdict()).as(other.toString()).isEqualTo(Verdict.SecurityViolation);
        assertThat(other.result().reasons().toString()).contains("socket(AF_INET6)");
        assertThat(allowed.controls())
                .filteredOn(control -> control.name() == ControlName.Seccomp)
                .extracting(Control::state)
                .containsExactly(ControlState.Present);
    }

    @Test
    void aCustomProfileThatCannotBeUsedIsThePlansFault() {
        CustomSeccompProfile own = new CustomSeccompProfile(
                "own",
                null,
                "python",
                null,
                null,
                List.of(new SeccompRule(null, List.of("ptrace"), SeccompAction.SCMP_ACT_ALLOW, null, List.of())));

        Jobs.Run run = Jobs.python("print(1)").profile(own).run();

        assertThat(run.result().verdict()).isEqualTo(Verdict.InternalError);
        assertThat(run.result().reasons().toString())
                .contains("InvalidPlan")
                .contains("customSeccompProfiles[own].syscalls[0].names: ptrace can never be allowed");
        assertThat(run.guestStarted()).isFalse();
    }

    @Test
    void aProgramWithinItsProfileTeachesNothing() {
        Jobs.Run run = Jobs.bash("echo hello | tr a-z A-Z").run(options -> options.withLearn(true));

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.stdout()).isEqualTo("HELLO\n");
        assertThat(run.violations()).isEmpty();
    }
}
