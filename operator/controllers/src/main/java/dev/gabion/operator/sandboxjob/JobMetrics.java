// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.api.v1alpha1.Verdict;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What is counted. Labels come from closed sets only: verdicts, reasons, controls, and the names of runtimes, which are
 * the administrator's; never a job's or a namespace's name.
 */
final class JobMetrics {
    private static final String NO_RUNTIME = "none";
    private static final String OTHER = "Other";

    private final MeterRegistry registry;

    JobMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** An attempt was announced. */
    void begun(int attempt, Instant created, Instant now) {
        if (attempt == 1) {
            histogram("gabion.job.queue.wait", "From the job's creation to its first attempt")
                    .register(registry)
                    .record(between(created, now));
        }
    }

    /** The runner was seen running for the first time. */
    void podStarted(Instant podCreated, Instant running) {
        histogram("gabion.pod.start", "From the pod's creation to its running container")
                .register(registry)
                .record(between(podCreated, running));
    }

    /** An attempt failed for a reason in the infrastructure. */
    void attemptFailed(String outcome) {
        String known = Reasons.ATTEMPT_FAILURES.contains(outcome) ? outcome : OTHER;
        registry.counter("gabion.attempts.failed", "reason", known).increment();
    }

    /** A job has its verdict. */
    void finished(String runtime, SandboxJobStatus status) {
        // A job that never began may name a runtime that does not exist: anybody could make labels.
        String known = Attempts.begun(status) == 0 ? NO_RUNTIME : runtime;
        Verdict verdict = Optional.ofNullable(status.verdict()).orElse(Verdict.InternalError);
        registry.counter("gabion.jobs.finished", "verdict", verdict.name(), "runtime", known)
                .increment();
        Optional.ofNullable(status.usage()).map(Usage::wallTimeMilliseconds).ifPresent(wall -> histogram(
                        "gabion.job.run", "Time on the wall of the guest")
                .tag("runtime", known)
                .register(registry)
                .record(Duration.ofMillis(wall)));
        status.controls().stream()
                .filter(control ->
                        control.state() == ControlState.Absent || control.state() == ControlState.NotEnforced)
                .map(Control::name)
                .forEach(name -> registry.counter("gabion.controls.absent", "control", name.name())
                        .increment());
    }

    private static Timer.Builder histogram(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(
                        Duration.ofMillis(100),
                        Duration.ofMillis(250),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofMillis(2500),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(30),
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(5),
                        Duration.ofMinutes(30));
    }

    private static Duration between(Instant from, Instant to) {
        return to.isBefore(from) ? Duration.ZERO : Duration.between(from, to);
    }
}
