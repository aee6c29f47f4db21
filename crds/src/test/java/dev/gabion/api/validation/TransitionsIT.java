// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gabion.api.testing.LocalApiServer;
import dev.gabion.api.testing.LocalApiServerExtension;
import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.ConfigMapSource;
import dev.gabion.api.v1alpha1.EnvVar;
import dev.gabion.api.v1alpha1.Isolation;
import dev.gabion.api.v1alpha1.IsolationLevel;
import dev.gabion.api.v1alpha1.Limits;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Source;
import dev.gabion.api.v1alpha1.SourceFile;
import dev.gabion.api.v1alpha1.Verdict;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What of a job may change, and when. */
@ExtendWith(LocalApiServerExtension.class)
class TransitionsIT {
    private static final AtomicInteger COUNTER = new AtomicInteger();

    @SuppressWarnings("NullAway.Init")
    private static KubernetesClient client;

    /** A change of one field of the spec. */
    record Change(String field, UnaryOperator<SandboxJobSpec> apply) {
        static Change of(String field, UnaryOperator<SandboxJobSpec.Builder> change) {
            return new Change(field, spec -> change.apply(spec.toBuilder()).build());
        }

        @Override
        public String toString() {
            return field;
        }
    }

    static final List<Change> FROZEN_ONCE_STARTED = List.of(
            Change.of("runtime", b -> b.runtime("node")),
            Change.of("source", b -> b.source(Source.inline(SourceFile.text("main.py", "changed")))),
            Change.of("source", b -> b.source(new Source(List.of(), new ConfigMapSource("other"), null))),
            Change.of("args", b -> b.args(List.of())),
            Change.of("args", b -> b.args(List.of("b", "a"))),
            Change.of("env", b -> b.env(List.of(new EnvVar("A", "2")))),
            Change.of("stdin", b -> b.stdin("text")),
            Change.of("outputs", b -> b.outputs(List.of("*"))),
            Change.of("isolation", b -> b.isolation(new Isolation(IsolationLevel.Pod, null, null))),
            Change.of("isolation", b -> b.isolation(new Isolation(IsolationLevel.Process, "gvisor", null))),
            Change.of("limits", b -> b.limits(null)),
            Change.of(
                    "limits",
                    b -> b.limits(Limits.builder()
                            .memory(Quantity.parse("2Gi"))
                            .processes(8)
                            .build())),
            Change.of(
                    "limits",
                    b -> b.limits(Limits.builder().memory(Quantity.parse("1Gi")).build())),
            Change.of("maxAttempts", b -> b.maxAttempts(9)));

    static final List<Change> ALWAYS_CHANGEABLE = List.of(
            Change.of("suspend", b -> b.suspend(true)),
            Change.of("cancel", b -> b.cancel(true)),
            Change.of("ttlSecondsAfterFinished", b -> b.ttlSecondsAfterFinished(5)),
            Change.of("ttlSecondsAfterFinished", b -> b.ttlSecondsAfterFinished(null)));

    @BeforeAll
    static void connect(LocalApiServer server) {
        client = server.adminClient();
    }

    @AfterAll
    static void disconnect() {
        client.close();
    }

    static Stream<Change> everyChange() {
        return Stream.concat(FROZEN_ONCE_STARTED.stream(), ALWAYS_CHANGEABLE.stream());
    }

    @ParameterizedTest
    @MethodSource("everyChange")
    void everythingMayChangeBeforeTheStart(Change change) {
        // Given
        SandboxJob job = withStatus(created(), waiting());
        SandboxJobSpec before = job.getSpec();

        // When
        SandboxJob stored = update(job, change.apply());

        // Then
        assertThat(stored.getSpec()).isNotEqualTo(before);
    }

    @ParameterizedTest
    @FieldSource("FROZEN_ONCE_STARTED")
    void theRestIsFrozenOnceStarted(Change change) {
        SandboxJob job = withStatus(created(), started());
        assertThatThrownBy(() -> update(job, change.apply()))
                .hasMessageContaining("spec." + change.field() + " cannot be changed once the job has started");
    }

    @ParameterizedTest
    @FieldSource("ALWAYS_CHANGEABLE")
    void threeFieldsMayChangeAfterTheStart(Change change) {
        // Given
        SandboxJob job = withStatus(created(), started());
        SandboxJobSpec before = job.getSpec();

        // When
        SandboxJob stored = update(job, change.apply());

        // Then
        assertThat(stored.getSpec()).isNotEqualTo(before);
    }

    @Test
    void cancelCannotBeTakenBack() {
        SandboxJob job = update(created(), spec -> spec.toBuilder().cancel(true).build());
        assertThatThrownBy(
                        () -> update(job, spec -> spec.toBuilder().cancel(false).build()))
                .hasMessageContaining("cancel cannot be taken back");
    }

    @Test
    void cancelCannotBeTakenBackByLeavingItOut() {
        SandboxJob job = update(created(), spec -> spec.toBuilder().cancel(true).build());
        assertThatThrownBy(
                        () -> update(job, spec -> spec.toBuilder().cancel(null).build()))
                .hasMessageContaining("cancel cannot be taken back");
    }

    @Test
    void suspendCanBeTakenBack() {
        SandboxJob job =
                update(created(), spec -> spec.toBuilder().suspend(true).build());
        SandboxJob stored = update(job, spec -> spec.toBuilder().suspend(false).build());
        assertThat(stored.getSpec().isSuspended()).isFalse();
    }

    @Test
    void verdictIsSetOnce() {
        SandboxJob job = withStatus(created(), finished(Verdict.OK));
        assertThatThrownBy(() -> withStatus(job, finished(Verdict.NonZeroExit)))
                .hasMessageContaining("status.verdict is set once and never changes");
    }

    @Test
    void verdictIsNeverRemoved() {
        SandboxJob job = withStatus(created(), finished(Verdict.OK));
        assertThatThrownBy(() -> withStatus(job, started()))
                .hasMessageContaining("status.verdict is set once and never changes");
    }

    @Test
    void statusIsNeverEmptiedOnceThereIsAVerdict() {
        SandboxJob job = withStatus(created(), finished(Verdict.OK));
        assertThatThrownBy(() -> withStatus(job, SandboxJobStatus.EMPTY))
                .hasMessageContaining("status.verdict is set once and never changes");
    }

    @Test
    void startedNeverGoesBack() {
        SandboxJob job = withStatus(created(), started());
        assertThatThrownBy(() -> withStatus(job, waiting()))
                .hasMessageContaining("the condition Started never goes back");
    }

    @Test
    void theRestOfTheStatusMayChangeAfterTheVerdict() {
        // Given
        SandboxJob job = withStatus(created(), finished(Verdict.OK));

        // When
        SandboxJob stored =
                withStatus(job, job.getStatus().toBuilder().podName("pod").build());

        // Then
        assertThat(stored.getStatus().podName()).isEqualTo("pod");
    }

    @Test
    void whoeverWritesTheSpecCannotWriteTheStatus() {
        // Given
        SandboxJob job = created();
        job.setStatus(finished(Verdict.OK));

        // When
        SandboxJob stored = client.resource(job).update();

        // Then
        assertThat(stored.getStatus()).isNull();
    }

    private static SandboxJob created() {
        SandboxJob job = new SandboxJob();
        job.setMetadata(new ObjectMetaBuilder()
                .withName("transition-" + COUNTER.incrementAndGet())
                .withNamespace("default")
                .build());
        job.setSpec(SandboxJobSpec.builder()
                .runtime("python")
                .source(Source.inline(SourceFile.text("main.py", "print(1)")))
                .args(List.of("a", "b"))
                .env(List.of(new EnvVar("A", "1")))
                .limits(Limits.builder()
                        .memory(Quantity.parse("1Gi"))
                        .processes(8)
                        .build())
                .ttlSecondsAfterFinished(60)
                .build());
        return client.resource(job).create();
    }

    private static SandboxJob update(SandboxJob job, UnaryOperator<SandboxJobSpec> change) {
        SandboxJob changed = client.resource(job).get();
        changed.setSpec(change.apply(changed.getSpec()));
        return client.resource(changed).update();
    }

    private static SandboxJob withStatus(SandboxJob job, SandboxJobStatus status) {
        SandboxJob changed = client.resource(job).get();
        changed.setStatus(status);
        return client.resource(changed).updateStatus();
    }

    private static SandboxJobStatus waiting() {
        return status(condition("False"), null);
    }

    private static SandboxJobStatus started() {
        return status(condition("True"), null);
    }

    private static SandboxJobStatus finished(Verdict verdict) {
        return status(condition("True"), verdict);
    }

    private static SandboxJobStatus status(Condition started, @Nullable Verdict verdict) {
        return SandboxJobStatus.builder()
                .conditions(List.of(started))
                .verdict(verdict)
                .build();
    }

    private static Condition condition(String status) {
        return new ConditionBuilder()
                .withType(ConditionTypes.STARTED)
                .withStatus(status)
                .withReason("Testing")
                .withMessage("A test says so.")
                .withLastTransitionTime("2026-01-01T00:00:00Z")
                .build();
    }
}
