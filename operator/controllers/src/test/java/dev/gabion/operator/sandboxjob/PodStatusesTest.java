// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.v1alpha1.ApiGroup;
import dev.gabion.api.v1alpha1.Isolation;
import dev.gabion.api.v1alpha1.IsolationLevel;
import dev.gabion.api.v1alpha1.Reason;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.operator.OperatorSettings;
import dev.gabion.operator.sandboxjob.PodFacts.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** From a pod's status, as the components of Kubernetes write it, to the decision. */
class PodStatusesTest {

    /**
     * A line of the table.
     *
     * @param expect the decision, and its reason, outcome or verdict
     * @param says a part of what is said about it
     */
    record Case(
            String name,
            String expect,
            @Nullable String says,
            @Nullable IsolationLevel level,
            boolean cancelled,
            boolean guestUnstarted,
            Pod pod) {
        @Override
        public String toString() {
            return name;
        }
    }

    record Table(List<Case> cases) {}

    static Stream<Case> cases() throws IOException {
        String text = Files.readString(Path.of("src/test/resources/pod-statuses.yaml"));
        for (Verdict verdict : Verdict.values()) {
            text = text.replace("\"@" + verdict + "\"", Serialization.asJson(message(verdict)));
        }
        return Serialization.unmarshal(text, Table.class).cases().stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void decides(Case row) {
        Decision decision = decide(row);

        assertThat(describe(decision)).isEqualTo(row.expect());
        if (row.says() != null) {
            assertThat(said(decision)).contains(row.says());
        }
    }

    @Test
    void everyWayAnAttemptFailsByItsPodIsInTheTable() throws IOException {
        assertThat(cases().map(Case::expect)
                        .filter(expect -> expect.startsWith("FailAttempt "))
                        .map(expect -> expect.substring("FailAttempt ".length()))
                        .collect(Collectors.toSet()))
                // A deadline of the image, the runner's own word, and the operator's clock: in DecisionsTest.
                .isEqualTo(Reasons.ATTEMPT_FAILURES.stream()
                        .filter(outcome -> !List.of(
                                        Reasons.IMAGE_UNAVAILABLE, Reasons.RUNNER_FAILED, Reasons.RUNNER_OVERDUE)
                                .contains(outcome))
                        .collect(Collectors.toSet()));
    }

    private static Decision decide(Case row) {
        SandboxJob job = TestJobs.announced(
                TestJobs.job(spec -> spec.cancel(row.cancelled())
                        .isolation(row.level() == null ? null : new Isolation(row.level(), null, null))),
                1);
        PodFacts pod = PodFacts.of(whole(row.pod()));
        RunnerOutput output = pod.container() instanceof Container.Terminated
                ? new RunnerOutput(null, !row.guestUnstarted(), List.of(), null, null, Map.of(), null)
                : null;
        return Decisions.decide(
                new Observation(job, TestJobs.runtime(), List.of(pod), null, null, output),
                TestJobs.NOW,
                OperatorSettings.DEFAULTS);
    }

    private static Pod whole(Pod pod) {
        return new PodBuilder(pod)
                .editOrNewMetadata()
                .withName("pod-1")
                .withUid("uid-1")
                .withCreationTimestamp("2026-01-02T03:03:00Z")
                .addToLabels(Labels.ATTEMPT, "1")
                .addToFinalizers(ApiGroup.RESULT_FINALIZER)
                .endMetadata()
                .withNewSpec()
                .withNodeName("node-1")
                .endSpec()
                .build();
    }

    private static String describe(Decision decision) {
        return decision.getClass().getSimpleName()
                + switch (decision) {
                    case Decision.FailAttempt failed -> " " + failed.outcome();
                    case Decision.Adopt adopt -> " " + adopt.result().verdict();
                    case Decision.Await await -> " " + await.reason();
                    default -> "";
                };
    }

    private static String said(Decision decision) {
        return switch (decision) {
            case Decision.FailAttempt failed -> failed.message();
            case Decision.Adopt adopt -> StatusFactory.sentence(adopt.result().reasons());
            case Decision.Await await -> await.message();
            default -> "";
        };
    }

    private static String message(Verdict verdict) {
        return new String(
                new SandboxResult(
                                TestJobs.UID,
                                1,
                                verdict,
                                List.of(Reason.of("Why", "so it ended")),
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null)
                        .toTerminationMessage(),
                StandardCharsets.UTF_8);
    }
}
