// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All that a decision may know.
 *
 * @param job the job as it was read
 * @param runtime the runtime it names, if there is one of that name
 * @param pods its pods, of all attempts
 * @param source what is wrong with its source; looked at only while an attempt could start
 * @param podSecurity what its namespace enforces; looked at only while an attempt could start
 * @param output the details of the current attempt's log; read only once its pod has ended and no verdict is out
 */
record Observation(
        SandboxJob job,
        @Nullable SandboxRuntime runtime,
        List<PodFacts> pods,
        @Nullable Problem source,
        @Nullable PodSecurity podSecurity,
        @Nullable RunnerOutput output) {

    /**
     * Something that keeps the job from starting.
     *
     * @param reason one of {@link Reasons}
     * @param message what is missing and what to do
     */
    record Problem(String reason, String message) {}

    SandboxJobStatus status() {
        return statusOf(job);
    }

    static SandboxJobStatus statusOf(SandboxJob job) {
        return job.getStatus() == null ? SandboxJobStatus.EMPTY : job.getStatus();
    }

    Optional<PodFacts> pod(int attempt) {
        return pods.stream().filter(pod -> pod.attempt() == attempt).findFirst();
    }
}
