// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.ApiGroup;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a decision needs to know of an attempt's pod.
 *
 * @param name the pod
 * @param uid the pod's uid
 * @param attempt which attempt it is
 * @param held whether it carries our finalizer, so that it cannot vanish before its result is adopted
 * @param createdAt when it was made
 * @param scheduledAt when it got its node
 * @param node its node
 * @param unschedulable what the scheduler says while it has none
 * @param over whether the pod will never run again
 * @param podReason the kubelet's or a controller's word on the whole pod, such as Evicted
 * @param podMessage its sentence
 * @param disruption why a controller ended it, such as DeletionByTaintManager
 * @param deletedAt the moment its grace period ends (deletionTimestamp), if it is being deleted
 * @param deletionFinal whether nothing but the finalizer keeps it: its node is done with it, or it never had one
 * @param container the runner's container
 */
record PodFacts(
        String name,
        String uid,
        int attempt,
        boolean held,
        Instant createdAt,
        @Nullable Instant scheduledAt,
        @Nullable String node,
        @Nullable String unschedulable,
        boolean over,
        @Nullable String podReason,
        @Nullable String podMessage,
        @Nullable String disruption,
        @Nullable Instant deletedAt,
        boolean deletionFinal,
        Container container) {

    /** State of the runner's container. */
    sealed interface Container {
        /** Nothing said about it yet. */
        record None() implements Container {}

        /** Not started. */
        record Waiting(@Nullable String reason, @Nullable String message) implements Container {}

        /** Running. */
        record Running(Instant since) implements Container {}

        /** Ended. */
        record Terminated(
                int exitCode,
                @Nullable String reason,
                @Nullable String message,
                @Nullable Instant at) implements Container {}
    }

    /** Whether the pod's own part is done: it will write no further result. */
    boolean ended() {
        return over || deletionFinal || container instanceof Container.Terminated;
    }

    boolean deleting() {
        return deletedAt != null;
    }

    /** Whether the node stopped answering. A taint ends pods of a healthy node too: that one tells how the container ended. */
    boolean nodeLost() {
        return (taintedAway() && !(container instanceof Container.Terminated))
                || "DeletionByPodGC".equals(disruption)
                || "NodeLost".equals(podReason);
    }

    /** Whether a NoExecute taint of its node ended it, one for a node that does not answer or any other. */
    boolean taintedAway() {
        return "DeletionByTaintManager".equals(disruption);
    }

    /** Reads them off a pod. */
    static PodFacts of(Pod pod) {
        Optional<PodStatus> status = Optional.ofNullable(pod.getStatus());
        String phase = status.map(PodStatus::getPhase).orElse("Pending");
        Long grace = pod.getMetadata().getDeletionGracePeriodSeconds();
        boolean deleting = pod.getMetadata().getDeletionTimestamp() != null;
        return new PodFacts(
                pod.getMetadata().getName(),
                pod.getMetadata().getUid(),
                attempt(pod.getMetadata().getLabels().getOrDefault(Labels.ATTEMPT, "0")),
                pod.getMetadata().getFinalizers().contains(ApiGroup.RESULT_FINALIZER),
                Times.required(pod.getMetadata().getCreationTimestamp()),
                condition(status, "PodScheduled")
                        .filter(scheduled -> "True".equals(scheduled.getStatus()))
                        .map(PodCondition::getLastTransitionTime)
                        .map(Times::required)
                        .orElse(null),
                pod.getSpec().getNodeName(),
                condition(status, "PodScheduled")
                        .filter(scheduled -> "False".equals(scheduled.getStatus()))
                        .map(PodCondition::getMessage)
                        .orElse(null),
                phase.equals("Succeeded") || phase.equals("Failed"),
                status.map(PodStatus::getReason).orElse(null),
                status.map(PodStatus::getMessage).orElse(null),
                condition(status, "DisruptionTarget")
                        .filter(target -> "True".equals(target.getStatus()))
                        .map(PodCondition::getReason)
                        .orElse(null),
                Times.parse(pod.getMetadata().getDeletionTimestamp()),
                deleting && grace != null && grace == 0,
                status.stream()
                        .flatMap(known -> known.getContainerStatuses().stream())
                        .filter(container -> container.getName().equals(PodRenderer.CONTAINER))
                        .findFirst()
                        .map(ContainerStatus::getState)
                        .map(PodFacts::container)
                        .orElse(new Container.None()));
    }

    /** Whoever may make pods may give them our labels: one that is no number must not stop the work on others. */
    private static int attempt(String label) {
        try {
            return Integer.parseInt(label);
        } catch (NumberFormatException notOurs) {
            return 0;
        }
    }

    private static Optional<PodCondition> condition(Optional<PodStatus> status, String type) {
        return status.stream()
                .flatMap(known -> known.getConditions().stream())
                .filter(condition -> condition.getType().equals(type))
                .findFirst();
    }

    private static Container container(ContainerState state) {
        if (state.getTerminated() != null) {
            var terminated = state.getTerminated();
            return new Container.Terminated(
                    Optional.ofNullable(terminated.getExitCode()).orElse(-1),
                    terminated.getReason(),
                    terminated.getMessage(),
                    Times.parse(terminated.getFinishedAt()));
        }
        if (state.getRunning() != null) {
            return new Container.Running(Times.required(state.getRunning().getStartedAt()));
        }
        if (state.getWaiting() != null) {
            return new Container.Waiting(
                    state.getWaiting().getReason(), state.getWaiting().getMessage());
        }
        return new Container.None();
    }
}
