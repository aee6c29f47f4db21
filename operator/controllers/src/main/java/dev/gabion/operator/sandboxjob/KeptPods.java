// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.javaoperatorsdk.operator.processing.event.source.informer.TransformingItemStore;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The cache of runner pods, which stay after their end for their log: of each only what {@link PodFacts} reads, about
 * a tenth. Changes to a pod are sent as a difference, so what is left out here is not lost there.
 */
final class KeptPods extends TransformingItemStore<Pod> {
    private static final Set<String> CONDITIONS = Set.of("PodScheduled", "DisruptionTarget");

    KeptPods() {
        super(KeptPods::kept);
    }

    @Override
    public boolean isFullState() {
        return true;
    }

    static Pod kept(Pod pod) {
        return new PodBuilder()
                .withMetadata(KeptMetadata.of(pod.getMetadata(), attempt(pod)))
                .withSpec(new PodSpecBuilder()
                        .withNodeName(pod.getSpec().getNodeName())
                        .build())
                .withStatus(kept(pod.getStatus()))
                .build();
    }

    private static Map<String, String> attempt(Pod pod) {
        return Optional.ofNullable(pod.getMetadata().getLabels().get(Labels.ATTEMPT))
                // Few different numbers, many pods.
                .map(attempt -> Map.of(Labels.ATTEMPT, attempt.intern()))
                .orElse(Map.of());
    }

    private static @Nullable PodStatus kept(@Nullable PodStatus status) {
        return status == null
                ? null
                : new PodStatusBuilder()
                        .withPhase(status.getPhase())
                        .withReason(status.getReason())
                        .withMessage(status.getMessage())
                        .withConditions(status.getConditions().stream()
                                .filter(condition -> CONDITIONS.contains(condition.getType()))
                                .map(condition -> new PodConditionBuilder()
                                        .withType(condition.getType())
                                        .withStatus(condition.getStatus())
                                        .withReason(condition.getReason())
                                        .withMessage(condition.getMessage())
                                        .withLastTransitionTime(condition.getLastTransitionTime())
                                        .build())
                                .toList())
                        .withContainerStatuses(status.getContainerStatuses().stream()
                                .filter(container -> container.getName().equals(PodRenderer.CONTAINER))
                                .map(KeptPods::kept)
                                .toList())
                        .build();
    }

    private static ContainerStatus kept(ContainerStatus container) {
        return new ContainerStatusBuilder()
                .withName(container.getName())
                .withState(container.getState())
                .build();
    }
}
