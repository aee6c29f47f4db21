// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.testing.LocalApiServer;
import dev.gabion.api.testing.LocalApiServerExtension;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.Verdict;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the chart's own test says of its job. */
@ExtendWith(LocalApiServerExtension.class)
class CanaryIT {
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
    void isHeardWhenItsOwnOutputIsThere() {
        // Given
        cluster.start();
        finish(cluster.create("sings"), Verdict.OK);

        // Then
        assertThat(complaint("sings", "hello")).isEmpty();
        assertThat(complaint("sings", "another song"))
                .hasValueSatisfying(why -> assertThat(why).contains("its output is not 'another song': hello"));
    }

    @Test
    void anotherVerdictIsToldWithItsName() {
        // Given
        cluster.start();
        finish(cluster.create("falls"), Verdict.NonZeroExit);

        // Then
        assertThat(complaint("falls", "hello"))
                .hasValueSatisfying(why -> assertThat(why).startsWith("SandboxJob falls is NonZeroExit"));
    }

    @Test
    void withoutAnOperatorItIsNotHeard() {
        // Given
        cluster.create("waits");

        // Then
        assertThat(complaint("waits", "hello"))
                .hasValueSatisfying(why -> assertThat(why).endsWith("no operator has looked at it"));
    }

    private void finish(SandboxJob job, Verdict verdict) {
        Pod pod = cluster.awaitPod(job, 1);
        cluster.kubelet.run(pod);
        cluster.kubelet.finish(
                pod, FakeKubelet.result(job.getMetadata().getUid(), 1, verdict, verdict == Verdict.OK ? 0 : 1));
        cluster.awaitStatus(job, status -> status.verdict() != null);
    }

    private Optional<String> complaint(String job, String text) {
        return new Canary(cluster.admin, Duration.ofSeconds(2)).complaint(cluster.namespace, job, text);
    }
}
