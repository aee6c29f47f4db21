// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.v1alpha1.AttemptRecord;
import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.Reason;
import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.operator.sandboxjob.PodFacts.Container;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StatusFactoryTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final ResolvedLimits LIMITS =
            new ResolvedLimits(1000, 1000, 1000, 1 << 26, 8, 64, 1 << 20, 1 << 20, 1 << 20, null);

    @Test
    void aHeldJobHasNotStarted() {
        SandboxJobStatus status = of(SandboxJobStatus.EMPTY).held(Reasons.QUEUED, "waits", "next");

        assertConditions(status, "False " + Reasons.QUEUED, "False " + Reasons.NOT_STARTED, "False NoFailure");
        assertThat(status.queuePosition()).isEqualTo("next");
        assertThat(status.observedGeneration()).isEqualTo(7);
    }

    @Test
    void anAnnouncedAttemptFreezesTheJob() {
        SandboxJobStatus status = begun();

        assertConditions(status, "True AttemptBegun", "False " + Reasons.STARTING, "False NoFailure");
        assertThat(status.effectiveLimits()).isEqualTo(LIMITS);
        assertThat(status.startTime()).isEqualTo(Times.format(NOW));
        assertThat(status.attemptRecords()).extracting(AttemptRecord::podName).containsExactly("pod");
        assertThat(status.attemptRecords().getFirst().outcome()).isNull();
    }

    @Test
    void aFailedAttemptIsKeptAndTheFirstStartTimeToo() {
        SandboxJobStatus failed = of(begun()).attemptFailed(1, pod(), Reasons.EVICTED, "x".repeat(600));
        SandboxJobStatus again =
                StatusFactory.of(job(failed), NOW.plusSeconds(5)).begun(2, "pod-2", LIMITS);

        assertConditions(failed, "True AttemptBegun", "False " + Reasons.RETRYING, "False NoFailure");
        assertThat(failed.verdict()).isNull();
        assertThat(again.attempts()).isEqualTo(2);
        assertThat(again.startTime()).isEqualTo(Times.format(NOW));
        assertThat(again.attemptRecords()).extracting(AttemptRecord::number).containsExactly(1, 2);
        assertThat(again.attemptRecords().getFirst().outcome()).isEqualTo(Reasons.EVICTED);
        assertThat(again.attemptRecords().getFirst().message()).hasSizeLessThanOrEqualTo(512);
    }

    @Test
    void aVerdictAboutTheGuestCompletesTheJob() {
        SandboxJobStatus status = of(begun()).finished(pod(), result(Verdict.NonZeroExit, 3, 0), null, null, List.of());

        assertConditions(status, "True AttemptBegun", "True NonZeroExit", "False NoFailure");
        assertThat(status.phase()).isEqualTo("Finished");
        assertThat(status.exitCode()).isEqualTo(3);
        assertThat(status.completionTime()).isEqualTo(Times.format(NOW));
    }

    @Test
    void aPlatformFailureFailsTheJob() {
        SandboxJobStatus status =
                of(begun()).finished(pod(), result(Verdict.InternalError, null, 1), null, null, List.of());

        assertConditions(status, "True AttemptBegun", "False JobFailed", "True InternalError");
        assertThat(status.phase()).isEqualTo("Failed");
    }

    @Test
    void whatARunnerSaysIsCutToTheBounds() {
        SandboxJobStatus status = of(begun()).finished(pod(), result(Verdict.OK, 999, 40), null, null, List.of());

        assertThat(status.exitCode()).isEqualTo(255);
        assertThat(status.reasons()).hasSize(16);
        assertThat(status.reasons().getFirst().message()).hasSizeLessThanOrEqualTo(512);
    }

    @Test
    void cancelledBeforeAndAfterTheStart() {
        assertConditions(
                of(SandboxJobStatus.EMPTY).cancelled(), "False Cancelled", "True Cancelled", "False NoFailure");
        SandboxJobStatus after = of(begun()).cancelled();
        assertConditions(after, "True AttemptBegun", "True Cancelled", "False NoFailure");
        assertThat(after.attemptRecords()).extracting(AttemptRecord::outcome).containsExactly(Verdict.Cancelled.name());
    }

    @Test
    void withoutAnAttemptLeftTheJobFails() {
        SandboxJobStatus status = of(begun()).gaveUp("2 of 2 attempts failed");

        assertConditions(status, "True AttemptBegun", "False JobFailed", "True AttemptsExhausted");
        assertThat(status.verdict()).isEqualTo(Verdict.InternalError);
    }

    private static void assertConditions(SandboxJobStatus status, String started, String complete, String failed) {
        assertThat(condition(status, ConditionTypes.STARTED)).isEqualTo(started);
        assertThat(condition(status, ConditionTypes.COMPLETE)).isEqualTo(complete);
        assertThat(condition(status, ConditionTypes.FAILED)).isEqualTo(failed);
    }

    private static String condition(SandboxJobStatus status, String type) {
        return Conditions.find(status, type)
                .map(found -> found.getStatus() + " " + found.getReason())
                .orElse("none");
    }

    private static SandboxJobStatus begun() {
        return of(SandboxJobStatus.EMPTY).begun(1, "pod", LIMITS);
    }

    private static StatusFactory of(SandboxJobStatus before) {
        return StatusFactory.of(job(before), NOW);
    }

    private static SandboxJob job(SandboxJobStatus status) {
        SandboxJob job = new SandboxJob();
        job.setMetadata(
                new ObjectMetaBuilder().withName("hello").withGeneration(7L).build());
        job.setStatus(status);
        return job;
    }

    private static SandboxResult result(Verdict verdict, @Nullable Integer exitCode, int reasons) {
        return new SandboxResult(
                "uid",
                1,
                verdict,
                IntStream.range(0, reasons)
                        .mapToObj(_ -> Reason.of("Code", "m".repeat(600)))
                        .toList(),
                exitCode,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    private static PodFacts pod() {
        return new PodFacts(
                "pod",
                "pod-uid",
                1,
                true,
                NOW,
                NOW,
                "node",
                null,
                true,
                null,
                null,
                null,
                null,
                false,
                new Container.None());
    }
}
