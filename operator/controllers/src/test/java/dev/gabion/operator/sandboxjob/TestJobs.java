// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.api.v1alpha1.SandboxRuntimeSpec;
import dev.gabion.api.v1alpha1.Source;
import dev.gabion.api.v1alpha1.SourceFile;
import dev.gabion.operator.sandboxjob.PodFacts.Container;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Jobs, runtimes and pods as the pure tests need them. */
final class TestJobs {
    static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    static final String UID = "00000000-0000-0000-0000-000000000001";
    static final ResolvedLimits LIMITS =
            new ResolvedLimits(1000, 10_000, 30_000, 256L << 20, 64, 256, 1 << 20, 64L << 20, 64L << 20, null);

    private TestJobs() {}

    static SandboxJob job(UnaryOperator<SandboxJobSpec.Builder> change) {
        return job("hello", UID, "2026-01-02T03:00:00Z", change);
    }

    static SandboxJob job(String name, String uid, String created, UnaryOperator<SandboxJobSpec.Builder> change) {
        SandboxJob job = new SandboxJob();
        job.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withNamespace("jobs")
                .withUid(uid)
                .withGeneration(1L)
                .withCreationTimestamp(created)
                .build());
        job.setSpec(change.apply(SandboxJobSpec.builder()
                        .runtime("python")
                        .source(Source.inline(SourceFile.text("main.py", "print('hello')"))))
                .build());
        return job;
    }

    static SandboxRuntime runtime() {
        SandboxRuntime runtime = new SandboxRuntime();
        runtime.setMetadata(new ObjectMetaBuilder().withName("python").build());
        runtime.setSpec(SandboxRuntimeSpec.builder()
                .image("runner")
                .fileName("main.py")
                .command(List.of("python3", "{file}"))
                .build());
        return runtime;
    }

    /** The job after so many attempts were announced, the last of which is open. */
    static SandboxJob announced(SandboxJob job, int attempts) {
        for (int attempt = 1; attempt <= attempts; attempt++) {
            if (attempt > 1) {
                job.setStatus(StatusFactory.of(job, NOW.minusSeconds(600))
                        .attemptFailed(attempt - 1, null, Reasons.RUNNER_KILLED, "it left no result"));
            }
            job.setStatus(StatusFactory.of(job, NOW.minusSeconds(300)).begun(attempt, "pod-" + attempt, LIMITS));
        }
        return job;
    }

    static SandboxJob with(SandboxJob job, SandboxJobStatus status) {
        job.setStatus(status);
        return job;
    }

    /** A pod that got its node five minutes ago. */
    static PodFacts pod(int attempt, Container container) {
        return new PodFacts(
                "pod-" + attempt,
                "uid-" + attempt,
                attempt,
                true,
                NOW.minusSeconds(300),
                NOW.minusSeconds(300),
                "node-1",
                null,
                false,
                null,
                null,
                null,
                null,
                false,
                container);
    }

    /** The same pod, being deleted since that moment. */
    static PodFacts deleted(PodFacts pod, Instant graceEnds, boolean confirmed, @Nullable String disruption) {
        return new PodFacts(
                pod.name(),
                pod.uid(),
                pod.attempt(),
                pod.held(),
                pod.createdAt(),
                pod.scheduledAt(),
                pod.node(),
                pod.unschedulable(),
                pod.over(),
                pod.podReason(),
                pod.podMessage(),
                disruption,
                graceEnds,
                confirmed,
                pod.container());
    }

    static Observation seen(SandboxJob job, PodFacts... pods) {
        return new Observation(job, runtime(), List.of(pods), null, null, null);
    }
}
