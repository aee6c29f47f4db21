// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.v1alpha1.Reason;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.operator.sandboxjob.PodFacts.Container;
import io.fabric8.kubernetes.api.model.Event;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventsTest {
    private final SandboxJob job = TestJobs.job(UnaryOperator.identity());

    @ParameterizedTest
    @ValueSource(
            strings = {
                Reasons.RUNTIME_NOT_FOUND,
                Reasons.LIMIT_REFUSED,
                Reasons.PROFILE_NOT_ALLOWED,
                Reasons.SOURCE_NOT_FOUND,
                Reasons.SOURCE_TOO_LARGE,
                Reasons.SECRET_NOT_LABELLED,
                Reasons.SECRET_NOT_READABLE
            })
    void whatKeepsAJobFromStartingIsAWarning(String reason) {
        assertThat(change(status().held(reason, "what to do", null))).hasValueSatisfying(event -> {
            assertThat(event.getType()).isEqualTo("Warning");
            assertThat(event.getReason()).isEqualTo(reason);
            assertThat(event.getMessage()).isEqualTo("what to do");
            assertThat(event.getInvolvedObject().getUid()).isEqualTo(TestJobs.UID);
            assertThat(event.getInvolvedObject().getKind()).isEqualTo("SandboxJob");
            assertThat(event.getSource().getComponent()).isEqualTo(Events.COMPONENT);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {Reasons.QUEUED, Reasons.SUSPENDED})
    void whatPassesByItselfIsNoEvent(String reason) {
        assertThat(change(status().held(reason, "waits", null))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                Reasons.UNSCHEDULABLE,
                Reasons.IMAGE_UNAVAILABLE,
                Reasons.PROFILE_MISSING,
                Reasons.CONTAINER_NOT_STARTED,
                Reasons.RUNNER_OVERDUE
            })
    void whatKeepsAnAttemptIsAWarning(String reason) {
        begin(1);

        assertThat(change(status().progress(pod(), reason, "what to do"))).hasValueSatisfying(event -> {
            assertThat(event.getType()).isEqualTo("Warning");
            assertThat(event.getReason()).isEqualTo(reason);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {Reasons.QUOTA_EXCEEDED, Reasons.NAMESPACE_NOT_READY, Reasons.RUNTIME_CLASS_NOT_FOUND})
    void whatRefusesThePodIsAWarning(String reason) {
        begin(1);

        assertThat(change(status().refused(reason, "what to do")))
                .hasValueSatisfying(event -> assertThat(event.getReason()).isEqualTo(reason));
    }

    @ParameterizedTest
    @ValueSource(strings = {Reasons.STARTING, Reasons.RUNNING, Reasons.ENDING})
    void anAttemptUnderWayIsNoEvent(String reason) {
        begin(1);

        assertThat(change(status().progress(pod(), reason, "goes on"))).isEmpty();
    }

    @Test
    void eachFailedAttemptIsAnEventOfItsOwn() {
        begin(1);
        Event first = change(status().attemptFailed(1, pod(), Reasons.EVICTED, "the node was full"))
                .orElseThrow();
        begin(2);
        Event second = change(status().attemptFailed(2, pod(), Reasons.EVICTED, "the node was full"))
                .orElseThrow();

        assertThat(first.getReason()).isEqualTo(Reasons.RETRYING).isEqualTo(second.getReason());
        assertThat(first.getMessage()).isEqualTo("attempt 1 failed, Evicted: the node was full");
        assertThat(first.getMetadata().getName())
                .isNotEqualTo(second.getMetadata().getName());
    }

    @Test
    void theVerdictIsNormalAndAPlatformFailureAWarning() {
        begin(1);
        SandboxJobStatus running = Observation.statusOf(job);

        assertThat(change(finished(Verdict.NonZeroExit))).hasValueSatisfying(event -> {
            assertThat(event.getType()).isEqualTo("Normal");
            assertThat(event.getReason()).isEqualTo("NonZeroExit");
        });
        job.setStatus(running);
        assertThat(change(finished(Verdict.InternalError))).hasValueSatisfying(event -> {
            assertThat(event.getType()).isEqualTo("Warning");
            assertThat(event.getReason()).isEqualTo(Reasons.INTERNAL_ERROR);
        });
        job.setStatus(running);
        assertThat(change(status().gaveUp("3 of 3 attempts failed")))
                .hasValueSatisfying(event -> assertThat(event.getReason()).isEqualTo(Reasons.ATTEMPTS_EXHAUSTED));
    }

    @Test
    void theSameThingSaidAgainIsTheSameEventOrNone() {
        SandboxJobStatus before = Observation.statusOf(job);
        Event said = change(status().held(Reasons.RUNTIME_NOT_FOUND, "there is none", null))
                .orElseThrow();

        assertThat(change(status().held(Reasons.RUNTIME_NOT_FOUND, "there still is none", null)))
                .isEmpty();
        // As after a restart before the status was written.
        job.setStatus(before);
        assertThat(change(status().held(Reasons.RUNTIME_NOT_FOUND, "there is none", null)))
                .hasValueSatisfying(again -> assertThat(again.getMetadata().getName())
                        .isEqualTo(said.getMetadata().getName()));
    }

    @Test
    void theLongestNameAndMessageFit() {
        SandboxJob long253 =
                TestJobs.job("a".repeat(253), TestJobs.UID, "2026-01-02T03:00:00Z", UnaryOperator.identity());
        SandboxJobStatus after =
                StatusFactory.of(long253, TestJobs.NOW).held(Reasons.LIMIT_REFUSED, "x".repeat(5000), null);

        Event event =
                Events.of(long253, SandboxJobStatus.EMPTY, after, TestJobs.NOW).orElseThrow();

        assertThat(event.getMetadata().getName()).hasSizeLessThanOrEqualTo(253).matches("[a-z0-9.-]+");
        // The API's bound is 1024 (k8s.io/api/events/v1, Note).
        assertThat(event.getMessage()).hasSizeLessThanOrEqualTo(1024);
    }

    /** What the operator does with a status, and the event of it. */
    private Optional<Event> change(SandboxJobStatus after) {
        SandboxJobStatus before = Observation.statusOf(job);
        job.setStatus(after);
        return Events.of(job, before, after, TestJobs.NOW);
    }

    private StatusFactory status() {
        return StatusFactory.of(job, TestJobs.NOW);
    }

    private void begin(int attempt) {
        job.setStatus(status().begun(attempt, "pod-" + attempt, TestJobs.LIMITS));
    }

    private SandboxJobStatus finished(Verdict verdict) {
        SandboxResult result = new SandboxResult(
                TestJobs.UID,
                1,
                verdict,
                List.of(Reason.of("Why", "so it ended")),
                1,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
        return status().finished(pod(), result, null, null, List.of());
    }

    private static PodFacts pod() {
        return TestJobs.pod(1, new Container.None());
    }
}
