// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.runner.SandboxResult;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What the runner left in its container's termination message. It alone decides the verdict: the kubelet takes it from
 * a file that the guest cannot reach, and it is believed only for the job and the attempt it names.
 */
sealed interface TerminationMessage {

    /** A result of this attempt. */
    record Believed(SandboxResult result) implements TerminationMessage {}

    /** Nothing that can be believed, and why. */
    record Refused(String why) implements TerminationMessage {}

    static TerminationMessage read(@Nullable String message, String jobUid, int attempt) {
        if (message == null || message.isBlank()) {
            return new Refused("it left no result");
        }
        SandboxResult result;
        try {
            result = SandboxResult.fromJson(message.getBytes(StandardCharsets.UTF_8));
        } catch (IllegalArgumentException notAResult) {
            return new Refused("what it left is not a result");
        }
        if (!jobUid.equals(result.jobUid()) || attempt != result.attempt()) {
            return new Refused("its result is of another job or attempt (%s, attempt %d)"
                    .formatted(Texts.cut(result.jobUid(), 64), result.attempt()));
        }
        return result.verdict() == null ? new Refused("its result has no verdict") : new Believed(result);
    }
}
