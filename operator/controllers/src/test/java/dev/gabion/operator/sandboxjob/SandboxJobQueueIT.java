// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gabion.api.testing.LocalApiServer;
import dev.gabion.api.testing.LocalApiServerExtension;
import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Verdict;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many jobs at once: none is lost, none runs twice, and never more of them run than may. */
@ExtendWith(LocalApiServerExtension.class)
class SandboxJobQueueIT {
    private static final int JOBS = 100;
    private static final int PLACES = 7;

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
    void everyJobRunsOnceAndNeverTooManyAtATime() {
        // Given
        cluster.set("GABION_JOBS_MAX_RUNNING_PER_NAMESPACE", Integer.toString(PLACES))
                .start();
        List<SandboxJob> jobs = IntStream.range(0, JOBS)
                .mapToObj(number -> cluster.create("many-%03d".formatted(number)))
                .toList();

        // When a kubelet runs whatever comes, and counts
        Set<String> ran = new HashSet<>();
        int[] most = {0};
        await().atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    List<Pod> open = cluster.pods().stream()
                            .filter(pod -> !pod.getMetadata().getFinalizers().isEmpty())
                            .filter(pod -> !"Succeeded".equals(pod.getStatus().getPhase()))
                            .toList();
                    most[0] = Math.max(most[0], open.size());
                    for (Pod pod : open) {
                        String uid = pod.getMetadata()
                                .getOwnerReferences()
                                .getFirst()
                                .getUid();
                        assertThat(ran.add(uid)).as("runs for the first time").isTrue();
                        cluster.kubelet.run(pod);
                        cluster.kubelet.finish(pod, FakeKubelet.result(uid, 1, Verdict.OK, 0));
                    }
                    return ran.size() == JOBS;
                });

        // Then
        for (SandboxJob job : jobs) {
            SandboxJobStatus status = cluster.awaitStatus(job, current -> current.verdict() != null);
            assertThat(status.verdict()).isEqualTo(Verdict.OK);
            assertThat(status.attempts()).isEqualTo(1);
        }
        assertThat(most[0]).isBetween(2, PLACES);
        assertThat(cluster.pods()).hasSize(JOBS);
    }

    @Test
    void aJobThatWasSuspendedBetweenTwoAttemptsQueuesAgain() {
        // Given
        cluster.set("GABION_JOBS_MAX_RUNNING_PER_NAMESPACE", "1").start();
        SandboxJob first = cluster.create("first");
        Pod lost = cluster.awaitPod(first, 1);
        SandboxJob second = cluster.create("second");
        cluster.awaitReason(second, ConditionTypes.STARTED, Reasons.QUEUED);

        // When it is suspended, and its attempt fails
        cluster.change(first, spec -> spec.suspend(true));
        cluster.kubelet.run(lost);
        cluster.kubelet.terminate(lost, 137, "Error", null);

        // Then the next one gets its place
        cluster.awaitReason(first, ConditionTypes.COMPLETE, Reasons.SUSPENDED);
        Pod only = cluster.awaitPod(second, 1);

        // When it is let go
        cluster.change(first, spec -> spec.suspend(false));

        // Then
        SandboxJobStatus queued = cluster.awaitReason(first, ConditionTypes.COMPLETE, Reasons.QUEUED);
        assertThat(queued.queuePosition()).isEqualTo("next");
        assertThat(cluster.pod(first, 2)).isNull();

        // When the place is free
        cluster.kubelet.run(only);
        cluster.kubelet.finish(only, FakeKubelet.result(second.getMetadata().getUid(), 1, Verdict.OK, 0));

        // Then
        Pod again = cluster.awaitPod(first, 2);
        cluster.kubelet.run(again);
        cluster.kubelet.finish(again, FakeKubelet.result(first.getMetadata().getUid(), 2, Verdict.OK, 0));
        SandboxJobStatus ended = cluster.awaitStatus(first, status -> status.verdict() != null);
        assertThat(ended.verdict()).isEqualTo(Verdict.OK);
        assertThat(ended.queuePosition()).isNull();
    }
}
