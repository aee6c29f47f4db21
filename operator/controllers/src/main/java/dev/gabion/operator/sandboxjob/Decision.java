// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is to be done now: one of these, each with all it needs. */
sealed interface Decision {

    /** The job may not start yet. */
    record Hold(String reason, String message, Duration recheck) implements Decision {}

    /**
     * Begin an attempt: announce it in the status, then make its plan and pod. Also what finishes a beginning that was
     * interrupted; every step is made once, however often it is asked for.
     */
    record Begin(int attempt, SandboxRuntime runtime, ResolvedLimits limits) implements Decision {}

    /**
     * An attempt is under way.
     *
     * @param pod as it was last seen
     * @param at when to look again though nothing was heard
     */
    record Await(PodFacts pod, String reason, String message, Instant at) implements Decision {
        static String starting(int attempt, String podName) {
            return "attempt %d starts in pod %s".formatted(attempt, podName);
        }
    }

    /** End the guest in an orderly way: the runner gets a signal and says how it ended. */
    record Stop(PodFacts pod, String reason, String message) implements Decision {}

    /** The attempt brought a result: store it, then write the verdict, then let the pod go. */
    record Adopt(
            PodFacts pod, SandboxResult result, @Nullable RunnerOutput output) implements Decision {}

    /**
     * The infrastructure failed the attempt: say so in the status; the pod goes afterwards.
     *
     * @param outcome one of {@link Reasons}
     */
    record FailAttempt(@Nullable PodFacts pod, int attempt, String outcome, String message) implements Decision {}

    /** The job was cancelled and no result will come. */
    record EndCancelled() implements Decision {}

    /** No attempt is left. */
    record GiveUp(String message) implements Decision {}

    /** Remove what earlier attempts, or a finished job, left. */
    record Release(List<PodFacts> pods) implements Decision {}

    /** The time to live is over. */
    record Expire() implements Decision {}

    /** Nothing to do; look again then, if ever. */
    record Settled(@Nullable Instant at) implements Decision {}
}
