// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.operator.sandboxjob.PodFacts.Container;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Why a pod ended without a result, read from what the kubelet and the controllers say of it; pure. */
final class PodEnd {

    /**
     * How long a node may take from the end of a container to what it says about the whole pod: the kubelet holds back
     * phase, reason and condition until all containers have ended (pkg/kubelet/status, mergePodStatus), and their ends
     * may be seen before.
     */
    private static final Duration EXPLANATION = Duration.ofSeconds(5);

    private PodEnd() {}

    /** The outcome of an attempt whose pod ended so. */
    static String cause(PodFacts pod) {
        String podReason = pod.podReason();
        if (pod.nodeLost()) {
            return Reasons.NODE_LOST;
        }
        if ("Evicted".equals(podReason) || "EvictionByEvictionAPI".equals(pod.disruption()) || pod.taintedAway()) {
            return Reasons.EVICTED;
        }
        // By the scheduler for a pod of higher priority, or by the kubelet for a critical one.
        if ("PreemptionByScheduler".equals(pod.disruption()) || "Preempting".equals(podReason)) {
            return Reasons.PREEMPTED;
        }
        if ("Terminated".equals(podReason) || "NodeShutdown".equals(podReason)) {
            return Reasons.NODE_SHUTDOWN;
        }
        if ("TerminationByKubelet".equals(pod.disruption())) {
            return Reasons.EVICTED;
        }
        if (pod.deleting()) {
            return Reasons.POD_DELETED;
        }
        // A node that refuses a pod (OutOfcpu, NodeAffinity, ...) gives it no container.
        boolean refused = podReason != null && !(pod.container() instanceof Container.Terminated);
        return refused ? Reasons.CONTAINER_NOT_STARTED : Reasons.RUNNER_KILLED;
    }

    /** When the node has had the time to say why; empty when it has said so, or has had it. */
    static Optional<Instant> explanationDue(PodFacts pod, Instant now) {
        if (pod.over() || pod.deleting() || isExplained(pod)) {
            return Optional.empty();
        }
        return pod.container() instanceof Container.Terminated terminated && terminated.at() != null
                ? Optional.of(terminated.at())
                        // The node's clock; one that is far ahead says nothing.
                        .filter(end -> now.isAfter(end.minus(EXPLANATION)))
                        .map(end -> end.plus(EXPLANATION))
                        .filter(now::isBefore)
                : Optional.empty();
    }

    private static boolean isExplained(PodFacts pod) {
        return pod.podReason() != null || pod.disruption() != null;
    }

    /** Whether the kubelet ended the pod because a volume outgrew its size (pkg/kubelet/eviction, emptyDirMessageFmt). */
    static boolean outgrewVolume(PodFacts pod, String volume) {
        return "Evicted".equals(pod.podReason())
                && pod.podMessage() != null
                && pod.podMessage().startsWith("Usage of EmptyDir volume \"%s\" exceeds".formatted(volume));
    }

    /** In a sentence. */
    static String describe(PodFacts pod) {
        if (isExplained(pod)) {
            String reason = pod.podReason() == null ? pod.disruption() : pod.podReason();
            return "pod %s on node %s: %s".formatted(pod.name(), pod.node(), text(reason, pod.podMessage()));
        }
        if (pod.deleting()) {
            return "pod %s was deleted on node %s".formatted(pod.name(), pod.node());
        }
        return pod.container() instanceof Container.Terminated terminated
                ? "the runner ended with %s (exit code %d)"
                        .formatted(text(terminated.reason(), neverStarted(terminated)), terminated.exitCode())
                : "the pod ended without its container";
    }

    /** Why the container runtime could not start the runner. Of a runner that ran, the message is no sentence but its result. */
    private static @Nullable String neverStarted(Container.Terminated container) {
        return "StartError".equals(container.reason()) ? container.message() : null;
    }

    static String text(@Nullable String reason, @Nullable String message) {
        String head = reason == null ? "no reason given" : reason;
        return message == null || message.isBlank() ? head : head + ": " + message;
    }
}
