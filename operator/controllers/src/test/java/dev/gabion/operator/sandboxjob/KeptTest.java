// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.ApiGroup;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.api.v1alpha1.UsageSample;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.operator.OperatorSettings;
import dev.gabion.operator.sandboxjob.Conditions.Say;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the caches leave out changes no decision. */
class KeptTest {
    private static final Instant NOW = TestJobs.NOW;

    static Stream<SandboxJob> finishedJobs() {
        SandboxJob plain = TestJobs.job(spec -> spec);
        SandboxJob expiring = TestJobs.job(spec -> spec.ttlSecondsAfterFinished(60));
        SandboxJob suspended = TestJobs.job(spec -> spec.suspend(true));
        SandboxJob byConditionOnly = TestJobs.job(spec -> spec);
        byConditionOnly.setStatus(SandboxJobStatus.builder()
                .attempts(2)
                .conditions(Conditions.of(
                        SandboxJobStatus.EMPTY,
                        1L,
                        NOW,
                        Say.yes(Reasons.ATTEMPT_BEGUN, ""),
                        Say.no(Reasons.JOB_FAILED, ""),
                        Say.yes(Reasons.ATTEMPTS_EXHAUSTED, ""),
                        null))
                .build());
        return Stream.of(
                finished(plain, Verdict.OK),
                finished(expiring, Verdict.MemoryExceeded),
                finished(suspended, Verdict.InternalError),
                TestJobs.with(TestJobs.job(spec -> spec.cancel(true)), cancelled()),
                byConditionOnly);
    }

    @ParameterizedTest
    @MethodSource("finishedJobs")
    void aFinishedJobIsDecidedOnAsIfTheWholeOfItWereThere(SandboxJob job) {
        SandboxJob kept = KeptJobs.kept(job);

        for (Duration later : List.of(Duration.ZERO, Duration.ofMinutes(5))) {
            assertThat(decide(kept, NOW.plus(later))).isEqualTo(decide(job, NOW.plus(later)));
        }
        assertThat(Conditions.isFinished(kept.getStatus())).isTrue();
        assertThat(AdmissionQueue.holdsPlace(kept)).isEqualTo(AdmissionQueue.holdsPlace(job));
        assertThat(kept.getSpec().runtime()).isEqualTo(job.getSpec().runtime());
        assertThat(kept.getSpec().isSuspended()).isEqualTo(job.getSpec().isSuspended());
        assertThat(kept.getMetadata().getUid()).isEqualTo(job.getMetadata().getUid());
        assertThat(kept.getMetadata().getResourceVersion())
                .isEqualTo(job.getMetadata().getResourceVersion());
        assertThat(kept.getMetadata().getCreationTimestamp())
                .isEqualTo(job.getMetadata().getCreationTimestamp());
        assertThat(KeptJobs.kept(kept)).as("kept twice").isEqualTo(kept);
    }

    @Test
    void ofAFinishedJobLittleIsKept() {
        SandboxJob job = finished(TestJobs.job(spec -> spec), Verdict.OK);

        assertThat(Serialization.asJson(job)).hasSizeGreaterThan(5_000);
        assertThat(Serialization.asJson(KeptJobs.kept(job))).hasSizeLessThan(700);
    }

    @Test
    void aJobThatIsNotFinishedIsKeptWhole() {
        SandboxJob job = TestJobs.announced(TestJobs.job(spec -> spec.stdin("text")), 2);
        String whole = Serialization.asJson(job);
        job.getMetadata().setManagedFields(List.of(new ManagedFieldsEntry()));

        assertThat(Serialization.asJson(KeptJobs.kept(job))).isEqualTo(whole);
    }

    @Test
    void theStoreGivesFirstEventsOnlyAfterTheWholeList() {
        assertThat(new KeptJobs().isFullState()).isTrue();
        assertThat(new KeptPods().isFullState()).isTrue();
    }

    static Stream<Pod> pods() {
        Pod made = Serialization.unmarshal(
                read(Path.of("src/test/resources/golden/hello/out-Pod-hello-28312-1.yaml")), Pod.class);
        Pod unscheduled = new PodBuilder(created(made))
                .withNewStatus()
                .withPhase("Pending")
                .addNewCondition()
                .withType("PodScheduled")
                .withStatus("False")
                .withMessage("0/3 nodes are available")
                .endCondition()
                .endStatus()
                .build();
        return Stream.of(
                created(made),
                unscheduled,
                running(made, waiting("ErrImagePull"), "Pending"),
                running(
                        made,
                        new ContainerStateBuilder()
                                .withNewRunning("2026-01-02T03:04:00Z")
                                .build(),
                        "Running"),
                running(made, terminated("{\"attempt\":1}"), "Succeeded"),
                deleted(running(made, terminated(null), "Failed")));
    }

    @ParameterizedTest
    @MethodSource("pods")
    void ofAPodAllThatADecisionReadsIsKept(Pod pod) {
        Pod kept = KeptPods.kept(pod);

        assertThat(PodFacts.of(kept)).isEqualTo(PodFacts.of(pod));
        assertThat(kept.hasOwnerReferenceFor("6f1c0a52-0000-4000-8000-000000000001"))
                .isTrue();
        assertThat(kept.getFinalizers()).isEqualTo(pod.getFinalizers());
        assertThat(kept.isMarkedForDeletion()).isEqualTo(pod.isMarkedForDeletion());
        assertThat(kept.getMetadata().getOwnerReferences())
                .isEqualTo(pod.getMetadata().getOwnerReferences());
        assertThat(Serialization.asJson(kept).length())
                .isLessThan(Serialization.asJson(pod).length() / 2);
    }

    private static Decision decide(SandboxJob job, Instant at) {
        return Decisions.decide(TestJobs.seen(job), at, OperatorSettings.DEFAULTS);
    }

    private static SandboxJobStatus cancelled() {
        return StatusFactory.of(TestJobs.job(spec -> spec.cancel(true)), NOW).cancelled();
    }

    private static SandboxJob finished(SandboxJob job, Verdict verdict) {
        TestJobs.announced(job, 1);
        SandboxJobStatus status = job.getStatus();
        return TestJobs.with(
                job,
                status.toBuilder()
                        .verdict(verdict)
                        .completionTime(Times.format(NOW))
                        .usage(Usage.builder()
                                .series(LongStream.range(0, 120)
                                        .mapToObj(at -> new UsageSample(at, at, at, 1, at, at))
                                        .toList())
                                .build())
                        .conditions(Conditions.of(
                                status,
                                1L,
                                NOW,
                                Say.yes(Reasons.ATTEMPT_BEGUN, ""),
                                Say.yes(verdict.name(), ""),
                                Say.no(Reasons.NO_FAILURE, ""),
                                null))
                        .build());
    }

    private static Pod created(Pod made) {
        return new PodBuilder(made)
                .editMetadata()
                .withUid("pod-uid")
                .withResourceVersion("7")
                .withCreationTimestamp("2026-01-02T03:00:00Z")
                .addToManagedFields(new ManagedFieldsEntry())
                .endMetadata()
                .build();
    }

    private static Pod running(Pod made, ContainerState state, String phase) {
        return new PodBuilder(created(made))
                .editSpec()
                .withNodeName("node-1")
                .endSpec()
                .withNewStatus()
                .withPhase(phase)
                .withReason("Evicted")
                .withMessage("The node was low on resource: memory.")
                .addNewCondition()
                .withType("PodScheduled")
                .withStatus("True")
                .withLastTransitionTime("2026-01-02T03:00:01Z")
                .endCondition()
                .addNewCondition()
                .withType("Ready")
                .withStatus("False")
                .endCondition()
                .addNewCondition()
                .withType("DisruptionTarget")
                .withStatus("True")
                .withReason("DeletionByTaintManager")
                .endCondition()
                .addNewContainerStatus()
                .withName("sidecar")
                .endContainerStatus()
                .addNewContainerStatus()
                .withName(PodRenderer.CONTAINER)
                .withImage("runner")
                .withState(state)
                .endContainerStatus()
                .endStatus()
                .build();
    }

    private static Pod deleted(Pod pod) {
        return new PodBuilder(pod)
                .editMetadata()
                .withDeletionTimestamp("2026-01-02T03:04:09Z")
                .withDeletionGracePeriodSeconds(0L)
                .withFinalizers(ApiGroup.RESULT_FINALIZER)
                .endMetadata()
                .build();
    }

    private static ContainerState waiting(String reason) {
        return new ContainerStateBuilder()
                .withNewWaiting("no such image", reason)
                .build();
    }

    private static ContainerState terminated(@Nullable String message) {
        return new ContainerStateBuilder()
                .withNewTerminated()
                .withExitCode(0)
                .withReason("Completed")
                .withMessage(message)
                .withFinishedAt("2026-01-02T03:04:05Z")
                .endTerminated()
                .build();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
    }
}
