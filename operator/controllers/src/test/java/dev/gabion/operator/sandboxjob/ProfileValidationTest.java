// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.CustomSeccompProfile;
import dev.gabion.api.v1alpha1.Isolation;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.api.v1alpha1.SeccompAction;
import dev.gabion.api.v1alpha1.SeccompRule;
import dev.gabion.operator.sandboxjob.Observation.Problem;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The guest's profile is one that there is and that a guest can run under, or there is no pod. */
class ProfileValidationTest {

    @Test
    void aProfileOfTheRuntimesOwnIsTaken() {
        assertThat(problem("own", List.of("python", "own"), allowing("connect")))
                .isNull();
        assertThat(problem(null, List.of("own", "python"), allowing("connect"))).isNull();
    }

    @Test
    void aProfileThatTheRuntimeDoesNotListIsRefused() {
        assertThat(problem("own", List.of("python"), allowing("connect")))
                .isEqualTo(new Problem(
                        Reasons.PROFILE_NOT_ALLOWED,
                        "spec.isolation.seccompProfile: the runtime python does not list 'own'; it allows python"));
    }

    @Test
    void aNameThatExistsNowhereIsRefused() {
        assertThat(problem(null, List.of("perl"), allowing("connect")))
                .isEqualTo(new Problem(
                        Reasons.PROFILE_NOT_FOUND,
                        "SandboxRuntime python spec.seccompProfiles: 'perl' is neither shipped (default, python,"
                                + " python-scientific, node, bash, c) nor in spec.customSeccompProfiles; ask the cluster's"
                                + " administrator"));
    }

    @Test
    void whatTheRunnerWouldRefuseIsRefusedWithTheField() {
        assertThat(problem("own", List.of("own"), allowing("conect")))
                .isEqualTo(new Problem(
                        Reasons.PROFILE_INVALID,
                        "SandboxRuntime python spec.customSeccompProfiles[own].syscalls[0].names: no architecture has a"
                                + " system call conect; ask the cluster's administrator"));
        assertThat(problem("own", List.of("own"), allowing("mount")))
                .extracting(Problem::message)
                .asString()
                .contains("spec.customSeccompProfiles[own].syscalls[0].names: mount can never be allowed");
    }

    private static @Nullable Problem problem(@Nullable String asked, List<String> listed, CustomSeccompProfile custom) {
        SandboxJob job = TestJobs.job(
                asked == null ? UnaryOperator.identity() : spec -> spec.isolation(new Isolation(null, null, asked)));
        SandboxRuntime runtime = TestJobs.runtime();
        runtime.setSpec(runtime.getSpec().toBuilder()
                .seccompProfiles(listed)
                .customSeccompProfiles(List.of(custom))
                .build());
        return switch (Validation.check(job, runtime)) {
            case Validation.Outcome.Valid valid -> null;
            case Validation.Outcome.Invalid(Problem problem) -> problem;
        };
    }

    private static CustomSeccompProfile allowing(String call) {
        return new CustomSeccompProfile(
                "own",
                null,
                "python",
                null,
                null,
                List.of(new SeccompRule(null, List.of(call), SeccompAction.SCMP_ACT_ALLOW, null, List.of())));
    }
}
