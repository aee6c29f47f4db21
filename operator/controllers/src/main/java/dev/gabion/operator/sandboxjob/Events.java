// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a user should act on, or waits for, as an event when a status begins to say so; pure. */
final class Events {
    static final String COMPONENT = "gabion-operator";

    /** What passes by itself is no event. */
    private static final Set<String> QUIET = Set.of(
            Reasons.QUEUED,
            Reasons.SUSPENDED,
            Reasons.STARTING,
            Reasons.RUNNING,
            Reasons.ENDING,
            Reasons.NOT_STARTED,
            Reasons.JOB_FAILED,
            Reasons.NO_FAILURE,
            Reasons.ATTEMPT_BEGUN);

    private Events() {}

    /** The event for the change from one status to the next, if it is worth one. */
    static Optional<Event> of(SandboxJob job, SandboxJobStatus before, SandboxJobStatus after, Instant now) {
        return List.of(ConditionTypes.FAILED, ConditionTypes.COMPLETE, ConditionTypes.STARTED).stream()
                .flatMap(type -> Conditions.find(after, type).stream())
                .filter(condition -> !QUIET.contains(condition.getReason()))
                .filter(condition ->
                        !Conditions.reason(before, condition.getType()).equals(condition.getReason())
                                || isNewAttempt(before, after, condition))
                .findFirst()
                .map(condition -> event(job, after, condition, now));
    }

    private static boolean isNewAttempt(SandboxJobStatus before, SandboxJobStatus after, Condition condition) {
        return condition.getReason().equals(Reasons.RETRYING) && Attempts.begun(before) != Attempts.begun(after);
    }

    private static Event event(SandboxJob job, SandboxJobStatus status, Condition condition, Instant now) {
        boolean good =
                condition.getStatus().equals("True") && condition.getType().equals(ConditionTypes.COMPLETE);
        String key = job.getMetadata().getUid() + condition.getReason() + Attempts.begun(status);
        return new EventBuilder()
                .withNewMetadata()
                // The same thing said again, after a restart, is the same event.
                .withName(Texts.cut(job.getMetadata().getName(), 200).replace("…", "") + "." + Names.hash(key))
                .withNamespace(job.getMetadata().getNamespace())
                .endMetadata()
                .withInvolvedObject(new ObjectReferenceBuilder()
                        .withApiVersion(job.getApiVersion())
                        .withKind(job.getKind())
                        .withNamespace(job.getMetadata().getNamespace())
                        .withName(job.getMetadata().getName())
                        .withUid(job.getMetadata().getUid())
                        .build())
                .withType(good ? "Normal" : "Warning")
                .withReason(condition.getReason())
                .withMessage(Texts.cut(condition.getMessage(), 1000))
                .withNewSource()
                .withComponent(COMPONENT)
                .endSource()
                .withFirstTimestamp(Times.format(now))
                .withLastTimestamp(Times.format(now))
                .withCount(1)
                .build();
    }
}
