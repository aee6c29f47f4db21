// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The job's conditions. All are always set; the time of a transition is kept as long as the status stays. */
final class Conditions {

    /** Longest message; the API allows more, but nobody reads more. */
    private static final int MESSAGE = 1024;

    private Conditions() {}

    /** What one condition is to say. */
    record Say(String status, String reason, String message) {
        static Say yes(String reason, String message) {
            return new Say("True", reason, message);
        }

        static Say no(String reason, String message) {
            return new Say("False", reason, message);
        }

        static Say unknown(String reason, String message) {
            return new Say("Unknown", reason, message);
        }
    }

    /** All of them; {@code namespace} null: as it was said last. */
    static List<Condition> of(
            SandboxJobStatus before,
            @Nullable Long generation,
            Instant now,
            Say started,
            Say complete,
            Say failed,
            @Nullable Say namespace) {
        return Stream.concat(
                        Stream.of(
                                condition(before, ConditionTypes.STARTED, generation, now, started),
                                condition(before, ConditionTypes.COMPLETE, generation, now, complete),
                                condition(before, ConditionTypes.FAILED, generation, now, failed)),
                        namespace == null
                                ? find(before, ConditionTypes.NAMESPACE_READY).stream()
                                : Stream.of(
                                        condition(before, ConditionTypes.NAMESPACE_READY, generation, now, namespace)))
                .toList();
    }

    private static Condition condition(
            SandboxJobStatus before, String type, @Nullable Long generation, Instant now, Say say) {
        String since = find(before, type)
                .filter(old -> old.getStatus().equals(say.status()))
                .map(Condition::getLastTransitionTime)
                .orElse(Times.format(now));
        return new ConditionBuilder()
                .withType(type)
                .withStatus(say.status())
                .withReason(say.reason())
                .withMessage(Texts.cut(say.message(), MESSAGE))
                .withLastTransitionTime(since)
                .withObservedGeneration(generation)
                .build();
    }

    static Optional<Condition> find(SandboxJobStatus status, String type) {
        return status.conditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst();
    }

    static boolean holds(SandboxJobStatus status, String type) {
        return find(status, type)
                .filter(condition -> condition.getStatus().equals("True"))
                .isPresent();
    }

    /** Whether the end is written: from then on nothing about it changes. */
    static boolean isFinished(SandboxJobStatus status) {
        return status.verdict() != null
                || holds(status, ConditionTypes.COMPLETE)
                || holds(status, ConditionTypes.FAILED);
    }

    static String reason(SandboxJobStatus status, String type) {
        return find(status, type).map(Condition::getReason).orElse("");
    }
}
