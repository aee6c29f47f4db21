// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gabion.api.testing.LocalApiServer;
import dev.gabion.api.testing.LocalApiServerExtension;
import dev.gabion.api.v1alpha1.ApiGroup;
import dev.gabion.api.v1alpha1.AttemptRecord;
import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.Limits;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Source;
import dev.gabion.api.v1alpha1.Verdict;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A job from its creation to its end, against a real API server and under the chart's roles. */
@ExtendWith(LocalApiServerExtension.class)
class SandboxJobLifecycleIT {
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
    void bringsAJobToItsVerdict() {
        // Given
        cluster.start();

        // When
        SandboxJob job = cluster.create("hello");
        Pod pod = cluster.awaitPod(job, 1);
        cluster.kubelet.run(pod);
        cluster.awaitReason(job, ConditionTypes.COMPLETE, Reasons.RUNNING);
        cluster.kubelet.finish(pod, FakeKubelet.result(job.getMetadata().getUid(), 1, Verdict.OK, 0));

        // Then
        SandboxJobStatus status = cluster.awaitStatus(job, current -> current.verdict() != null);
        assertThat(status.verdict()).isEqualTo(Verdict.OK);
        assertThat(status.exitCode()).isZero();
        assertThat(Conditions.holds(status, ConditionTypes.STARTED)).isTrue();
        assertThat(Conditions.holds(status, ConditionTypes.COMPLETE)).isTrue();
        assertThat(Conditions.holds(status, ConditionTypes.FAILED)).isFalse();
        assertThat(Objects.requireNonNull(
                                Objects.requireNonNull(status.output()).stdout())
                        .tail())
                .isEqualTo("hello\n");
        assertThat(status.attemptRecords()).extracting(AttemptRecord::outcome).containsExactly(Reasons.FINISHED);
        ConfigMap store = cluster.admin
                .configMaps()
                .inNamespace(cluster.namespace)
                .withName(status.output().configMapName())
                .get();
        assertThat(store.getBinaryData()).containsKey(ResultRenderer.STDOUT);
        // The pod stays for its log, and nothing holds it.
        org.awaitility.Awaitility.await().untilAsserted(() -> assertThat(Objects.requireNonNull(cluster.pod(job, 1))
                        .getMetadata()
                        .getFinalizers())
                .doesNotContain(ApiGroup.RESULT_FINALIZER));
    }

    @Test
    void putsTheDefaultDenyPolicyBackWhileAJobRuns() {
        // Given
        cluster.start();
        SandboxJob job = cluster.create("guarded");
        cluster.kubelet.run(cluster.awaitPod(job, 1));
        cluster.awaitReason(job, ConditionTypes.COMPLETE, Reasons.RUNNING);
        var policies = cluster.admin.network().v1().networkPolicies().inNamespace(cluster.namespace);

        // When it is removed
        NetworkPolicy first = policies.withName(NetworkPolicyRenderer.NAME).require();
        policies.withName(NetworkPolicyRenderer.NAME).delete();

        // Then
        await().untilAsserted(() -> assertThat(
                        policies.withName(NetworkPolicyRenderer.NAME).get())
                .isNotNull()
                .satisfies(policy -> assertThat(policy.getMetadata().getUid())
                        .isNotEqualTo(first.getMetadata().getUid())));
        assertThat(cluster.status(job).attempts()).isEqualTo(1);
    }

    @Test
    void writesNothingOnceSettled() {
        // Given
        cluster.start();
        SandboxJob job = finished("settled", Verdict.NonZeroExit, 3);
        await().untilAsserted(() -> assertThat(Objects.requireNonNull(cluster.pod(job, 1))
                        .getMetadata()
                        .getFinalizers())
                .isEmpty());
        String version = Objects.requireNonNull(cluster.get(job)).getMetadata().getResourceVersion();

        // When it is looked at again, here because its spec is written anew
        cluster.writes.clear();
        cluster.change(job, spec -> spec.ttlSecondsAfterFinished(86_400));

        // Then
        await().during(Duration.ofSeconds(2))
                .atMost(Duration.ofSeconds(4))
                .untilAsserted(() -> assertThat(cluster.writes).isEmpty());
        assertThat(version)
                .isNotEqualTo(
                        Objects.requireNonNull(cluster.get(job)).getMetadata().getResourceVersion());
        assertThat(cluster.status(job).verdict()).isEqualTo(Verdict.NonZeroExit);
        assertThat(cluster.status(job).exitCode()).isEqualTo(3);
    }

    @Test
    void keepsTheResultWhenItsPodIsCollected() {
        // Given
        cluster.start();
        SandboxJob job = finished("kept", Verdict.OK, 0);
        await().untilAsserted(() -> assertThat(Objects.requireNonNull(cluster.pod(job, 1))
                        .getMetadata()
                        .getFinalizers())
                .isEmpty());
        SandboxJobStatus status = cluster.status(job);
        cluster.writes.clear();

        // When, as the collector of ended pods does it
        Pod pod = Objects.requireNonNull(cluster.pod(job, 1));
        cluster.kubelet.confirmDeletion(pod);
        cluster.awaitGone(pod);

        // Then
        await().during(Duration.ofSeconds(1))
                .atMost(Duration.ofSeconds(4))
                .untilAsserted(() -> assertThat(cluster.writes).isEmpty());
        assertThat(cluster.status(job)).isEqualTo(status);
        assertThat(cluster.admin
                        .configMaps()
                        .inNamespace(cluster.namespace)
                        .withName(Objects.requireNonNull(status.output()).configMapName())
                        .get()
                        .getBinaryData())
                .containsKey(ResultRenderer.STDOUT);
    }

    @Test
    void endsACancelledJobThatHasNotStarted() {
        // Given
        cluster.start();
        SandboxJob job = cluster.create("waiting", spec -> spec.suspend(true));
        cluster.awaitReason(job, ConditionTypes.STARTED, Reasons.SUSPENDED);

        // When
        cluster.change(job, spec -> spec.cancel(true));

        // Then
        SandboxJobStatus status = cluster.awaitStatus(job, current -> current.verdict() != null);
        assertThat(status.verdict()).isEqualTo(Verdict.Cancelled);
        assertThat(Conditions.holds(status, ConditionTypes.STARTED)).isFalse();
        assertThat(cluster.pods()).isEmpty();
    }

    @Test
    void endsARunningGuestWhenItsJobIsCancelled() {
        // Given
        cluster.start();
        SandboxJob job = cluster.create("running");
        Pod pod = cluster.awaitPod(job, 1);
        cluster.kubelet.run(pod);
        cluster.awaitReason(job, ConditionTypes.COMPLETE, Reasons.RUNNING);

        // When
        cluster.change(job, spec -> spec.cancel(true));
        await().until(() -> Objects.requireNonNull(cluster.pod(job, 1)).isMarkedForDeletion());
        cluster.kubelet.finish(pod, FakeKubelet.result(job.getMetadata().getUid(), 1, Verdict.Cancelled, null));
        cluster.kubelet.confirmDeletion(pod);

        // Then
        SandboxJobStatus status = cluster.awaitStatus(job, current -> current.verdict() != null);
        assertThat(status.verdict()).isEqualTo(Verdict.Cancelled);
        cluster.awaitGone(pod);
    }

    @Test
    void startsASuspendedJobOnceItIsLetGo() {
        // Given
        cluster.start();
        SandboxJob job = cluster.create("later", spec -> spec.suspend(true));
        cluster.awaitReason(job, ConditionTypes.STARTED, Reasons.SUSPENDED);
        assertThat(cluster.pods()).isEmpty();

        // When
        cluster.change(job, spec -> spec.suspend(false));

        // Then
        cluster.awaitPod(job, 1);
    }

    @Test
    void deletesAJobWhenItsTimeIsOver() {
        // Given
        cluster.start();
        SandboxJob job = cluster.create("brief", spec -> spec.ttlSecondsAfterFinished(1));
        Pod pod = cluster.awaitPod(job, 1);

        // When
        cluster.kubelet.run(pod);
        cluster.kubelet.finish(pod, FakeKubelet.result(job.getMetadata().getUid(), 1, Verdict.OK, 0));

        // Then
        await().atMost(Duration.ofSeconds(15)).until(() -> cluster.get(job) == null);
    }

    @Test
    void keepsTheNamespacesLimitAndTheOrderOfCreation() {
        // Given
        cluster.set("GABION_JOBS_MAX_RUNNING_PER_NAMESPACE", "2").start();

        // When
        List<SandboxJob> jobs = IntStream.range(0, 5)
                .mapToObj(i -> cluster.create("queued-" + i))
                .toList();

        // Then
        Pod first = cluster.awaitPod(jobs.get(0), 1);
        cluster.awaitPod(jobs.get(1), 1);
        cluster.awaitStatus(jobs.get(2), status -> "next".equals(status.queuePosition()));
        cluster.awaitReason(jobs.get(4), ConditionTypes.STARTED, Reasons.QUEUED);
        assertThat(cluster.pods()).hasSize(2);

        // When a place becomes free
        cluster.kubelet.run(first);
        cluster.kubelet.finish(
                first, FakeKubelet.result(jobs.get(0).getMetadata().getUid(), 1, Verdict.OK, 0));

        // Then
        cluster.awaitPod(jobs.get(2), 1);
        assertThat(cluster.pods()).hasSize(3);
        assertThat(cluster.status(jobs.get(2)).queuePosition()).isNull();
    }

    @Test
    void saysWhatIsMissingAndGoesOnOnceItIsThere() {
        // Given
        cluster.start();
        SandboxJob job = cluster.create(
                "needy", spec -> spec.runtime("ruby-" + cluster.namespace).source(Source.configMap("program")));
        await().until(
                        () -> Conditions.reason(cluster.status(job), ConditionTypes.STARTED),
                        reason -> reason.equals(Reasons.SOURCE_NOT_FOUND));

        // When
        cluster.admin
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("program")
                        .withNamespace(cluster.namespace)
                        .endMetadata()
                        .addToData("main.py", "print('hello')")
                        .build())
                .create();

        // Then
        SandboxJobStatus status = cluster.awaitReason(job, ConditionTypes.STARTED, Reasons.RUNTIME_NOT_FOUND);
        assertThat(Conditions.find(status, ConditionTypes.STARTED).orElseThrow().getMessage())
                .isEqualTo("spec.runtime: no SandboxRuntime is called 'ruby-%s'; kubectl get sandboxruntimes lists them"
                        .formatted(cluster.namespace));

        // When
        cluster.runtime("ruby-" + cluster.namespace, UnaryOperator.identity());

        // Then
        Pod pod = cluster.awaitPod(job, 1);
        assertThat(pod.getSpec().getVolumes()).anySatisfy(volume -> assertThat(volume.getConfigMap())
                .isNotNull()
                .extracting(source -> source.getName())
                .isEqualTo("program"));
    }

    @Test
    void usesASecretOnlyIfItIsLabelledForIt() {
        // Given
        cluster.start();
        Secret secret = new SecretBuilder()
                .withNewMetadata()
                .withName("program")
                .withNamespace(cluster.namespace)
                .endMetadata()
                .addToStringData("main.py", "print('hello')")
                .build();
        cluster.admin.resource(secret).create();

        // When
        SandboxJob job = cluster.create("curious", spec -> spec.source(Source.secret("program")));

        // Then
        cluster.awaitReason(job, ConditionTypes.STARTED, Reasons.SECRET_NOT_LABELLED);
        assertThat(cluster.pods()).isEmpty();

        // When
        cluster.admin
                .secrets()
                .inNamespace(cluster.namespace)
                .withName("program")
                .edit(current -> {
                    current.getMetadata().setLabels(Map.of(ApiGroup.SANDBOX_SOURCE_LABEL, "true"));
                    return current;
                });

        // Then
        cluster.awaitPod(job, 1);
    }

    @Test
    void namesTheLimitThatIsTooHigh() {
        // Given
        cluster.start();

        // When
        SandboxJob job = cluster.create(
                "greedy", spec -> spec.limits(Limits.builder().processes(65).build()));

        // Then
        SandboxJobStatus status = cluster.awaitReason(job, ConditionTypes.STARTED, Reasons.LIMIT_REFUSED);
        assertThat(Conditions.find(status, ConditionTypes.STARTED).orElseThrow().getMessage())
                .isEqualTo("spec.limits.processes: 65 is more than the runtime python allows; at most 64");
    }

    @Test
    void letsThePodsOfADeletedJobGo() {
        // Given
        cluster.start();
        SandboxJob job = cluster.create("deleted");
        Pod pod = cluster.awaitPod(job, 1);
        cluster.kubelet.run(pod);
        cluster.awaitReason(job, ConditionTypes.COMPLETE, Reasons.RUNNING);

        // When, the garbage collector being played here
        cluster.admin.resource(job).delete();
        cluster.admin.resource(pod).delete();
        cluster.kubelet.terminate(pod, 137, "Error", null);
        cluster.kubelet.confirmDeletion(pod);

        // Then
        cluster.awaitGone(pod);
    }

    private SandboxJob finished(String name, Verdict verdict, int exitCode) {
        SandboxJob job = cluster.create(name);
        Pod pod = cluster.awaitPod(job, 1);
        cluster.kubelet.run(pod);
        cluster.awaitReason(job, ConditionTypes.COMPLETE, Reasons.RUNNING);
        cluster.kubelet.finish(pod, FakeKubelet.result(job.getMetadata().getUid(), 1, verdict, exitCode));
        cluster.awaitStatus(job, status -> status.verdict() != null);
        return job;
    }
}
