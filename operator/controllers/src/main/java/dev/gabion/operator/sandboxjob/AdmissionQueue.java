// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * First come, first served, within each namespace's limit. The queue itself is the resources in the API server; here is
 * only the memory of what was let in a moment ago and is not yet in the cache. One leader, so one such memory; a new
 * leader starts with a fresh cache.
 */
final class AdmissionQueue {
    /** The order of creation; of jobs made in the same second, the name's. */
    private static final Comparator<SandboxJob> ORDER = Comparator.comparing(
                    (SandboxJob job) -> job.getMetadata().getCreationTimestamp())
            .thenComparing(job -> job.getMetadata().getName());

    private final int limit;
    private final Set<String> letIn = new HashSet<>();

    AdmissionQueue(int limit) {
        this.limit = limit;
    }

    /**
     * The answer.
     *
     * @param admitted whether the job may begin
     * @param ahead how many wait before it
     * @param running how many hold a pod
     */
    record Admission(boolean admitted, int ahead, int running) {}

    /**
     * Asks for a place.
     *
     * @param job who asks
     * @param neighbours all jobs of its namespace as the cache has them
     */
    synchronized Admission ask(SandboxJob job, Collection<SandboxJob> neighbours) {
        forgetWhatTheCacheKnows(neighbours);
        String uid = job.getMetadata().getUid();
        if (letIn.contains(uid)) {
            return new Admission(true, 0, 0);
        }
        int running = running(neighbours);
        int ahead = (int) neighbours.stream()
                .filter(this::waits)
                .filter(other -> ORDER.compare(other, job) < 0)
                .count();
        boolean admitted = running + ahead < limit;
        if (admitted) {
            letIn.add(uid);
        }
        return new Admission(admitted, ahead, running);
    }

    /** Those whose turn it is now that a place is free. */
    synchronized List<SandboxJob> next(Collection<SandboxJob> neighbours) {
        forgetWhatTheCacheKnows(neighbours);
        return neighbours.stream()
                .filter(this::waits)
                .sorted(ORDER)
                .limit(Math.max(0, limit - running(neighbours)))
                .toList();
    }

    /** A place in coarse steps, so that a long queue is not a stream of writes. */
    static String position(int ahead) {
        if (ahead < 1) {
            return "next";
        }
        for (int step : new int[] {10, 50, 100, 500, 1000}) {
            if (ahead < step) {
                return "<= " + step;
            }
        }
        return "> 1000";
    }

    private int running(Collection<SandboxJob> neighbours) {
        return (int) neighbours.stream()
                .filter(job ->
                        holdsPlace(job) || letIn.contains(job.getMetadata().getUid()))
                .count();
    }

    private void forgetWhatTheCacheKnows(Collection<SandboxJob> neighbours) {
        letIn.removeAll(neighbours.stream()
                .filter(job -> holdsPlace(job)
                        || Conditions.isFinished(Observation.statusOf(job))
                        // Let in, and taken back before it began.
                        || job.getSpec().isSuspended()
                        || job.getSpec().isCancelled())
                .map(job -> job.getMetadata().getUid())
                .collect(Collectors.toSet()));
    }

    /** Whether the job has a pod, or is between two attempts and goes on. */
    static boolean holdsPlace(SandboxJob job) {
        SandboxJobStatus status = Observation.statusOf(job);
        int attempt = Attempts.begun(status);
        return attempt > 0
                && !Conditions.isFinished(status)
                && !(job.getSpec().isSuspended() && Attempts.hasEnded(status, attempt));
    }

    /** Whether the job stands in the queue: it could start, and only others are before it. */
    private boolean waits(SandboxJob job) {
        SandboxJobStatus status = Observation.statusOf(job);
        String reason = Conditions.reason(status, ConditionTypes.STARTED);
        return Attempts.begun(status) == 0
                && !Conditions.isFinished(status)
                && !job.getSpec().isSuspended()
                && !job.getSpec().isCancelled()
                && !job.isMarkedForDeletion()
                && (reason.isEmpty() || reason.equals(Reasons.QUEUED))
                && !letIn.contains(job.getMetadata().getUid());
    }
}
