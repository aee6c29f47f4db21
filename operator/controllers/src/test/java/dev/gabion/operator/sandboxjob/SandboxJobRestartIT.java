// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gabion.api.testing.LocalApiServer;
import dev.gabion.api.testing.LocalApiServerExtension;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.operator.Failpoints;
import dev.gabion.operator.OperatorSettings;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The operator ends between any two steps, and the next one finishes the work. A reconciliation is held at the failpoint
 * until its operator has been stopped; what it had done by then stays done.
 */
@ExtendWith(LocalApiServerExtension.class)
class SandboxJobRestartIT {
    private OperatorHarness cluster;

    @BeforeEach
    void cluster(LocalApiServer server) {
        cluster = new OperatorHarness(server);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {Failpoints.ATTEMPT_ANNOUNCED, Failpoints.PLAN_WRITTEN, Failpoints.POD_CREATED})
    void beginsAnAttemptOnce(String failpoint) throws InterruptedException {
        // Given
        CountDownLatch reached = stopAt(failpoint);
        SandboxJob job = cluster.create("interrupted");
        assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();

        // When
        cluster.stop();
        cluster.start();

        // Then
        Pod pod = cluster.awaitPod(job, 1);
        cluster.kubelet.run(pod);
        cluster.kubelet.finish(pod, FakeKubelet.result(job.getMetadata().getUid(), 1, Verdict.OK, 0));
        SandboxJobStatus status = cluster.awaitStatus(job, current -> current.verdict() != null);
        assertThat(status.attempts()).isEqualTo(1);
        assertThat(cluster.pods()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {Failpoints.RESULT_STORED, Failpoints.VERDICT_WRITTEN})
    void adoptsAResultOnce(String failpoint) throws InterruptedException {
        // Given
        CountDownLatch reached = stopAt(failpoint);
        SandboxJob job = cluster.create("adopted");
        Pod pod = cluster.awaitPod(job, 1);
        cluster.kubelet.run(pod);
        cluster.kubelet.finish(pod, FakeKubelet.result(job.getMetadata().getUid(), 1, Verdict.NonZeroExit, 9));
        assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();

        // When
        cluster.stop();
        cluster.start();

        // Then
        SandboxJobStatus status = cluster.awaitStatus(job, current -> current.verdict() != null);
        assertThat(status.verdict()).isEqualTo(Verdict.NonZeroExit);
        assertThat(status.attempts()).isEqualTo(1);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(Objects.requireNonNull(cluster.pod(job, 1))
                                .getMetadata()
                                .getFinalizers())
                        .isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {Failpoints.ATTEMPT_FAILED_WRITTEN, Failpoints.POD_DELETED})
    void countsAFailedAttemptOnce(String failpoint) throws InterruptedException {
        // Given
        CountDownLatch reached = stopAt(failpoint);
        SandboxJob job = cluster.create("failed");
        Pod pod = cluster.awaitPod(job, 1);
        cluster.kubelet.run(pod);
        cluster.kubelet.terminate(pod, 137, "Error", null);
        assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();

        // When
        cluster.stop();
        cluster.start();

        // Then
        cluster.awaitPod(job, 2);
        cluster.awaitGone(pod);
        assertThat(cluster.status(job).attempts()).isEqualTo(2);
        assertThat(cluster.status(job).attemptRecords().getFirst().outcome()).isEqualTo(Reasons.RUNNER_KILLED);
    }

    private CountDownLatch stopAt(String failpoint) {
        CountDownLatch reached = new CountDownLatch(1);
        Failpoints armed = Failpoints.at(failpoint, () -> {
            reached.countDown();
            try {
                Thread.sleep(Duration.ofMinutes(1));
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("this operator is dead", stopped);
            }
        });
        OperatorSettings settings = cluster.settings();
        cluster.start(settings.with(armed));
        return reached;
    }
}
