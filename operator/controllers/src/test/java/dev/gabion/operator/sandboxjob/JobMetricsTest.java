// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Verdict;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class JobMetricsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final JobMetrics metrics = new JobMetrics(registry);

    @Test
    void aJobThatNeverBeganMakesNoRuntimesLabel() {
        for (int i = 0; i < 100; i++) {
            metrics.finished(
                    "invented-" + i,
                    SandboxJobStatus.builder().verdict(Verdict.Cancelled).build());
        }

        assertThat(values("runtime")).containsExactly("none");
        assertThat(registry.get("gabion.jobs.finished").counter().count()).isEqualTo(100);
    }

    @Test
    void anUnknownOutcomeIsCountedUnderOther() {
        for (int i = 0; i < 100; i++) {
            metrics.attemptFailed("invented-" + i);
        }
        Reasons.ATTEMPT_FAILURES.forEach(metrics::attemptFailed);

        assertThat(values("reason"))
                .isEqualTo(Stream.concat(Reasons.ATTEMPT_FAILURES.stream(), Stream.of("Other"))
                        .collect(Collectors.toSet()));
    }

    @Test
    void onlyControlsThatAreMissingAreCounted() {
        for (ControlState state : ControlState.values()) {
            metrics.finished("python", status(state));
        }

        assertThat(values("control"))
                .isEqualTo(Arrays.stream(ControlName.values()).map(Enum::name).collect(Collectors.toSet()));
        assertThat(registry.get("gabion.controls.absent")
                        .tag("control", "Landlock")
                        .counter()
                        .count())
                .as("absent and not enforced")
                .isEqualTo(2);
    }

    @Test
    void onlyTheFirstAttemptWaitedInTheQueue() {
        Instant created = TestJobs.NOW;
        metrics.begun(1, created, created.plusSeconds(3));
        metrics.begun(2, created, created.plusSeconds(60));
        // A clock that lags behind the API server's.
        metrics.podStarted(created, created.minusSeconds(1));

        var wait = registry.get("gabion.job.queue.wait").timer();
        assertThat(wait.count()).isEqualTo(1);
        assertThat(wait.totalTime(java.util.concurrent.TimeUnit.SECONDS)).isEqualTo(3);
        assertThat(registry.get("gabion.pod.start").timer().max(java.util.concurrent.TimeUnit.SECONDS))
                .isZero();
    }

    private static SandboxJobStatus status(ControlState state) {
        List<Control> controls = Arrays.stream(ControlName.values())
                .map(name -> new Control(name, state, null))
                .toList();
        return SandboxJobStatus.builder()
                .attempts(1)
                .verdict(Verdict.OK)
                .controls(controls)
                .build();
    }

    private Set<String> values(String key) {
        return registry.getMeters().stream()
                .map(Meter::getId)
                .flatMap(id -> id.getTags().stream())
                .filter(tag -> tag.getKey().equals(key))
                .map(Tag::getValue)
                .collect(Collectors.toSet());
    }
}
