// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.SandboxJob;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets go the pods of jobs that were deleted while they ran. Such a job is gone when its pod ends, so no reconciliation
 * would ever come by; the job itself carries no finalizer of ours, so that removing the operator never blocks the
 * deletion of a namespace full of finished jobs. Safe on every replica: what it does can be done twice.
 */
final class OrphanedPods {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanedPods.class);
    private static final Duration PERIOD = Duration.ofSeconds(3);

    /** How long a node may take beyond the grace period to confirm the end. */
    private static final Duration MARGIN = Duration.ofSeconds(20);

    private final KubernetesClient client;
    private final JobEventSources sources;
    private final Clock clock;
    private @Nullable ScheduledExecutorService timer;

    OrphanedPods(KubernetesClient client, JobEventSources sources, Clock clock) {
        this.client = client;
        this.sources = sources;
        this.clock = clock;
    }

    synchronized void start() {
        if (timer == null) {
            timer = Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("orphaned-pods").factory());
            var _ = timer.scheduleWithFixedDelay(
                    this::sweepSafely, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    synchronized void stop() {
        if (timer != null) {
            timer.shutdownNow();
            timer = null;
        }
    }

    /** An exception would end the schedule. */
    private void sweepSafely() {
        try {
            sweep();
        } catch (RuntimeException exception) {
            LOG.warn("looking for orphaned pods failed, tried again in {} s", PERIOD.toSeconds(), exception);
        }
    }

    private void sweep() {
        List<Pod> leaving = sources.pods()
                .list(pod -> pod.isMarkedForDeletion() && PodFacts.of(pod).held())
                .toList();
        Instant now = clock.instant();
        leaving.stream()
                .filter(pod -> isDone(PodFacts.of(pod), now))
                .filter(this::isOrphan)
                .forEach(pod -> PodFinalizer.remove(client, pod));
    }

    private static boolean isDone(PodFacts pod, Instant now) {
        return pod.ended()
                || (pod.deletedAt() != null && now.isAfter(pod.deletedAt().plus(MARGIN)));
    }

    private boolean isOrphan(Pod pod) {
        Optional<OwnerReference> owner = pod.getMetadata().getOwnerReferences().stream()
                .filter(reference -> reference.getKind().equals("SandboxJob"))
                .findFirst();
        if (owner.isEmpty()) {
            return true;
        }
        String namespace = pod.getMetadata().getNamespace();
        if (sources.keepsJob(namespace, owner.get().getName(), owner.get().getUid())) {
            return false;
        }
        // The cache may be behind: ask.
        SandboxJob job = client.resources(SandboxJob.class)
                .inNamespace(namespace)
                .withName(owner.get().getName())
                .get();
        return job == null
                || job.isMarkedForDeletion()
                || !job.getMetadata().getUid().equals(owner.get().getUid());
    }
}
