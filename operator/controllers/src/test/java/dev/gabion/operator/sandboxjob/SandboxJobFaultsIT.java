// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gabion.api.runner.Frame;
import dev.gabion.api.testing.LocalApiServer;
import dev.gabion.api.testing.LocalApiServerExtension;
import dev.gabion.api.v1alpha1.AttemptRecord;
import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Verdict;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What goes wrong around a job: it ends with the right verdict or is attempted again, and never has two results. */
@ExtendWith(LocalApiServerExtension.class)
class SandboxJobFaultsIT {
    private OperatorHarness cluster;

    @BeforeEach
    void cluster(LocalApiServer server) {
        cluster = new OperatorHarness(server);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void triesAgainWhenTheRunnerIsKilledAndGivesUpInTheEnd() {
        // Given
        cluster.start();
        SandboxJob job = cluster.create("killed", spec -> spec.maxAttempts(2));

        // When
        for (int attempt = 1; attempt <= 2; attempt++) {
            Pod pod = cluster.awaitPod(job, attempt);
            cluster.kubelet.run(pod);
            cluster.kubelet.terminate(pod, 137, "Error", null);
            cluster.awaitGone(pod);
        }

        // Then
        SandboxJobStatus status = cluster.awaitReason(job, ConditionTypes.FAILED, Reasons.ATTEMPTS_EXHAUSTED);
        assertThat(status.verdict()).isEqualTo(Verdict.InternalError);
        assertThat(status.attemptRecords())
                .extracting(AttemptRecord::outcome)
                .containsExactly(Reasons.RUNNER_KILLED, Reasons.RUNNER_KILLED);
        assertThat(Conditions.find(status, ConditionTypes.FAILED).orElseThrow().getMessage())
                .contains("2 of 2 attempts failed", "it left no result");
    }

    @Test
    void doesNotTakeADeletedPodForACancelledJob() {
        // Given
        cluster.start();
        SandboxJob job = cluster.create("drained");
        Pod pod = running(job, 1);

        // When somebody else deletes the pod, and the runner says that it was told to end
        cluster.admin.resource(pod).delete();
        cluster.kubelet.finish(pod, result(job, 1, Verdict.Cancelled, null));
        cluster.kubelet.confirmDeletion(pod);

        // Then
        Pod second = cluster.awaitPod(job, 2);
        assertThat(cluster.status(job).attemptRecords().getFirst().outcome()).isEqualTo(Reasons.POD_DELETED);

        // When
        cluster.kubelet.run(second);
        cluster.kubelet.finish(second, result(job, 2, Verdict.OK, 0));

        // Then
        assertThat(cluster.awaitStatus(job, status -> status.verdict() != null).verdict())
                .isEqualTo(Verdict.OK);
    }

    @Test
    void believesAResultThatCameBeforeThePodWasDeleted() {
        // Given
        cluster.start();
        SandboxJob job = cluster.create("quick");
        Pod pod = running(job, 1);

        // When
        cluster.stop();
        cluster.kubelet.finish(pod, result(job, 1, Verdict.NonZeroExit, 7));
        cluster.admin.resource(pod).delete();
        cluster.start();

        // Then
        SandboxJobStatus status = cluster.awaitStatus(job, current -> current.verdict() != null);
        assertThat(status.verdict()).isEqualTo(Verdict.NonZeroExit);
        assertThat(status.exitCode()).isEqualTo(7);
        assertThat(status.attempts()).isEqualTo(1);
        cluster.awaitGone(pod);
    }

    @Test
    void refusesAResultOfAnotherJobOrAttempt() {
        // Given
        cluster.start();
        SandboxJob job = cluster.create("forged");

        // When
        Pod first = running(job, 1);
        cluster.kubelet.finish(first, FakeKubelet.result("another-uid", 1, Verdict.OK, 0));
        Pod second = running(job, 2);
        cluster.kubelet.finish(second, result(job, 1, Verdict.OK, 0));

        // Then
        cluster.awaitPod(job, 3);
        SandboxJobStatus status = cluster.status(job);
        assertThat(status.verdict()).isNull();
        assertThat(status.attemptRecords().subList(0, 2))
                .extracting(AttemptRecord::outcome)
                .containsOnly(Reasons.RUNNER_KILLED);
        assertThat(status.attemptRecords().getFirst().message()).contains("another job or attempt");
    }

    @Test
    void callsItMemoryExceededWhenTheKernelEndedTheRunnerWithItsGuest() {
        // Given
        cluster.start();
        SandboxJob job = cluster.create("hungry");
        Pod pod = running(job, 1);

        // When
        cluster.kubelet.setLog(pod, new Frame.Controls(List.of()));
        cluster.kubelet.terminate(pod, 137, "OOMKilled", null);

        // Then
        SandboxJobStatus status = cluster.awaitStatus(job, current -> current.verdict() != null);
        assertThat(status.verdict()).isEqualTo(Verdict.MemoryExceeded);
        assertThat(status.reasons().getFirst().limit()).isEqualTo("memory");
    }

    @Test
    void triesAgainWhenTheRunnerRanOutOfMemoryBeforeItsGuest() {
        // Given
        cluster.start();
        SandboxJob job = cluster.create("unlucky");
        Pod pod = running(job, 1);

        // When
        cluster.kubelet.terminate(pod, 137, "OOMKilled", null);

        // Then
        cluster.awaitPod(job, 2);
        assertThat(cluster.status(job).attemptRecords().getFirst().outcome()).isEqualTo(Reasons.RUNNER_OUT_OF_MEMORY);
    }

    @Test
    void givesUpALostNodeInBoundedTime() {
        // Given
        cluster.set("GABION_JOBS_TERMINATION_GRACE_SECONDS", "1").start();
        SandboxJob job = cluster.create("stranded");
        Pod pod = running(job, 1);
        assertThat(pod.getSpec().getTolerations())
                .filteredOn(toleration -> toleration.getKey().equals("node.kubernetes.io/unreachable"))
                .singleElement()
                .satisfies(toleration ->
                        assertThat(toleration.getTolerationSeconds()).isEqualTo(40));

        // When, as the taint manager does it; no kubelet answers
        cluster.kubelet.condition(pod, "DisruptionTarget", "DeletionByTaintManager");
        cluster.admin.resource(pod).delete();

        // Then
        cluster.awaitPod(job, 2);
        assertThat(cluster.status(job).attemptRecords().getFirst().outcome()).isEqualTo(Reasons.NODE_LOST);
        cluster.awaitGone(pod);
    }

    @Test
    void triesAnotherNodeWhenTheImageDoesNotCome() {
        // Given
        cluster.set("GABION_JOBS_IMAGE_DEADLINE_SECONDS", "3").start();
        SandboxJob job = cluster.create("imageless");
        Pod pod = cluster.awaitPod(job, 1);
        cluster.kubelet.bind(pod);

        // When
        cluster.kubelet.waiting(pod, "ErrImagePull", "not found");

        // Then
        cluster.awaitReason(job, ConditionTypes.COMPLETE, Reasons.IMAGE_UNAVAILABLE);
        cluster.awaitStatus(job, status -> Attempts.hasEnded(status, 1));
        cluster.kubelet.confirmDeletion(pod);
        cluster.awaitPod(job, 2);
        assertThat(cluster.status(job).attemptRecords().getFirst().outcome()).isEqualTo(Reasons.IMAGE_UNAVAILABLE);
    }

    @Test
    void saysThatTheProfileIsMissingAndWaits() {
        // Given
        cluster.start();
        SandboxJob job = cluster.create("early");
        Pod pod = cluster.awaitPod(job, 1);
        cluster.kubelet.bind(pod);

        // When
        cluster.kubelet.waiting(
                pod,
                "CreateContainerError",
                "failed to generate seccomp spec opts: open gabion/runner.json: no such file");

        // Then
        SandboxJobStatus status = cluster.awaitReason(job, ConditionTypes.COMPLETE, Reasons.PROFILE_MISSING);
        assertThat(Conditions.find(status, ConditionTypes.COMPLETE)
                        .orElseThrow()
                        .getMessage())
                .contains("gabion/runner.json", "DaemonSet");
        assertThat(status.attempts()).isEqualTo(1);
    }

    @Test
    void waitsForTheQuota() {
        // Given
        quota("0");
        cluster.start();

        // When
        SandboxJob job = cluster.create("poor");

        // Then
        cluster.awaitReason(job, ConditionTypes.COMPLETE, Reasons.QUOTA_EXCEEDED);
        assertThat(cluster.pods()).isEmpty();

        // When
        quota("10");

        // Then
        cluster.awaitPod(job, 1);
        assertThat(cluster.status(job).attempts()).isEqualTo(1);
    }

    @Test
    void endsARunnerThatOutlivesItsClocks() {
        // Given
        cluster.set("GABION_JOBS_RUN_MARGIN_SECONDS", "1").start();
        SandboxJob job = cluster.create(
                "undead",
                spec -> spec.limits(dev.gabion.api.v1alpha1.Limits.builder()
                        .wallTimeMilliseconds(100L)
                        .build()));
        Pod pod = running(job, 1);

        // Then
        cluster.awaitReason(job, ConditionTypes.COMPLETE, Reasons.RUNNER_OVERDUE);
        await().until(() -> Objects.requireNonNull(cluster.pod(job, 1)).isMarkedForDeletion());

        // When
        cluster.kubelet.terminate(pod, 137, "Error", null);
        cluster.kubelet.confirmDeletion(pod);

        // Then
        cluster.awaitPod(job, 2);
        assertThat(cluster.status(job).attemptRecords().getFirst().outcome()).isEqualTo(Reasons.RUNNER_OVERDUE);
    }

    /** A guest chooses names, and one that broke out chooses everything: the API server takes the verdict all the same. */
    @Test
    void aHostileResultEndsInAVerdict() {
        // Given
        cluster.start();
        SandboxJob job = cluster.create("hostile");
        Pod pod = running(job, 1);
        String file = "{\"path\":\"%s\",\"bytes\":-1,\"stored\":true}";
        String long324 = file.formatted("\\\\x01".repeat(80) + ".txt");
        String twice = file.formatted("\\\\x1b.txt");
        String half = file.formatted("\\ud800".repeat(300));
        String said = """
                {"jobUid":"%s","attempt":1,"verdict":"NonZeroExit","exitCode":-5,"signal":"%s",
                 "reasons":[{"code":""},{"message":"%s"}],
                 "limitsHit":[{"limit":"memory","count":-1},{"limit":"memory","count":0},{}],
                 "usage":{"peakMemoryBytes":-1,"peakProcesses":-1,"series":[{"offsetMilliseconds":-1}]},
                 "controls":[{"name":"Seccomp","state":"Present"},{"name":"Seccomp","state":"Absent"},{}],
                 "output":{"stdout":{"bytes":-1}},"outputs":[%s]}""".formatted(
                        job.getMetadata().getUid(),
                        "S".repeat(100),
                        "\\u0000\\ud800",
                        String.join(",", long324, twice, twice, half));

        // When
        cluster.kubelet.terminate(pod, 0, "Completed", said);

        // Then
        SandboxJobStatus status = cluster.awaitStatus(job, current -> current.verdict() != null);
        assertThat(status.verdict()).isEqualTo(Verdict.NonZeroExit);
        assertThat(status.outputs()).hasSize(3).allSatisfy(kept -> {
            assertThat(kept.stored()).isFalse();
            assertThat(kept.bytes()).isZero();
        });
        assertThat(status.reasons())
                .extracting(dev.gabion.api.v1alpha1.Reason::code)
                .doesNotContain("DetailsRefused");
        assertThat(status.controls()).hasSize(1);
        assertThat(status.limitsHit()).hasSize(2);
    }

    /** Nothing in it is of the type that a result has. */
    @Test
    void aResultOfWrongTypesFailsTheAttempt() {
        // Given
        cluster.start();
        SandboxJob job = cluster.create("nonsense", spec -> spec.maxAttempts(1));
        Pod pod = running(job, 1);

        // When
        cluster.kubelet.terminate(
                pod, 0, "Completed", """
                {"jobUid":"%s","attempt":1,"verdict":"OK","reasons":{"a":[null]},"outputs":[null,7]}""".formatted(job.getMetadata().getUid()));

        // Then
        SandboxJobStatus status = cluster.awaitReason(job, ConditionTypes.FAILED, Reasons.ATTEMPTS_EXHAUSTED);
        assertThat(status.verdict()).isEqualTo(Verdict.InternalError);
    }

    private void quota(String pods) {
        var quota = new ResourceQuotaBuilder()
                .withNewMetadata()
                .withName("pods")
                .withNamespace(cluster.namespace)
                .endMetadata()
                .withNewSpec()
                .withHard(Map.of("pods", new Quantity(pods)))
                .endSpec()
                .withNewStatus()
                .withHard(Map.of("pods", new Quantity(pods)))
                .withUsed(Map.of("pods", new Quantity("0")))
                .endStatus()
                .build();
        var resource =
                cluster.admin.resourceQuotas().inNamespace(cluster.namespace).resource(quota);
        if (resource.get() == null) {
            resource.create();
        } else {
            resource.update();
        }
        // The controller manager would do this.
        cluster.admin
                .resourceQuotas()
                .inNamespace(cluster.namespace)
                .withName("pods")
                .editStatus(current -> {
                    current.setStatus(quota.getStatus());
                    return current;
                });
    }

    private Pod running(SandboxJob job, int attempt) {
        Pod pod = cluster.awaitPod(job, attempt);
        cluster.kubelet.run(pod);
        cluster.awaitReason(job, ConditionTypes.COMPLETE, Reasons.RUNNING);
        return pod;
    }

    private static dev.gabion.api.runner.SandboxResult result(
            SandboxJob job, int attempt, Verdict verdict, @org.jspecify.annotations.Nullable Integer exitCode) {
        return FakeKubelet.result(job.getMetadata().getUid(), attempt, verdict, exitCode);
    }
}
