// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * First come, first served, within each namespace's limit. The queue itself is the resources in the API server; here is
 * only the memory of what happened a moment ago and is not yet in the cache. One leader, so one such memory; a new leader
 * starts with a fresh cache.
 */
final class AdmissionQueue {
    /** The order of creation; of jobs made in the same second, the name's. */
    private static final Comparator<SandboxJob> ORDER = Comparator.comparing(
                    (SandboxJob job) -> job.getMetadata().getCreationTimestamp())
            .thenComparing(job -> job.getMetadata().getName());

    /**
     * Of one namespace, by uid.
     *
     * @param letIn whom the cache does not show with a place yet
     * @param left who gave the place back, though the cache still shows it
     */
    private record Recent(Set<String> letIn, Set<String> left) {
        Recent() {
            this(new HashSet<>(), new HashSet<>());
        }

        boolean isEmpty() {
            return letIn.isEmpty() && left.isEmpty();
        }
    }

    private final int limit;
    private final Map<String, Recent> recents = new HashMap<>();

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
        Recent recent = recent(job, neighbours);
        String uid = job.getMetadata().getUid();
        if (recent.letIn().contains(uid)) {
            return new Admission(true, 0, 0);
        }
        int running = running(neighbours, recent);
        int ahead = (int) neighbours.stream()
                .filter(other -> waits(other, recent))
                .filter(other -> ORDER.compare(other, job) < 0)
                .count();
        boolean admitted = running + ahead < limit;
        if (admitted) {
            recent.letIn().add(uid);
            recent.left().remove(uid);
        }
        return new Admission(admitted, ahead, running);
    }

    /**
     * A job gives its place back.
     *
     * @return those whose turn it is now
     */
    synchronized List<SandboxJob> leave(SandboxJob job, Collection<SandboxJob> neighbours) {
        Recent recent = recent(job, neighbours);
        String uid = job.getMetadata().getUid();
        recent.letIn().remove(uid);
        if (neighbours.stream().anyMatch(known -> known.getMetadata().getUid().equals(uid) && holdsPlace(known))) {
            recent.left().add(uid);
        }
        return neighbours.stream()
                .filter(other -> waits(other, recent))
                .sorted(ORDER)
                .limit(Math.max(0, limit - running(neighbours, recent)))
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

    private static int running(Collection<SandboxJob> neighbours, Recent recent) {
        return (int) neighbours.stream()
                .filter(job -> recent.letIn().contains(job.getMetadata().getUid())
                        || (holdsPlace(job)
                                && !recent.left().contains(job.getMetadata().getUid())))
                .count();
    }

    /** What the cache does not know; what it has learnt meanwhile, and who is gone, is forgotten. */
    private Recent recent(SandboxJob job, Collection<SandboxJob> neighbours) {
        recents.values().removeIf(Recent::isEmpty);
        Recent recent = recents.computeIfAbsent(job.getMetadata().getNamespace(), _ -> new Recent());
        recent.letIn().retainAll(uids(neighbours, AdmissionQueue::isYetToBegin));
        recent.left().retainAll(uids(neighbours, AdmissionQueue::holdsPlace));
        return recent;
    }

    private static Set<String> uids(Collection<SandboxJob> jobs, Predicate<SandboxJob> which) {
        return jobs.stream()
                .filter(which)
                .map(job -> job.getMetadata().getUid())
                .collect(Collectors.toSet());
    }

    /** Whether the next attempt of the job is still to be announced, and nobody took the job back. */
    private static boolean isYetToBegin(SandboxJob job) {
        return !holdsPlace(job)
                && !Conditions.isFinished(Observation.statusOf(job))
                && !job.getSpec().isSuspended()
                && !job.getSpec().isCancelled();
    }

    /**
     * Whether the job has a pod, or is between two attempts and goes on by itself. One that waits there for something
     * else, such as an end of its suspension, has given its place back and queues again.
     */
    static boolean holdsPlace(SandboxJob job) {
        SandboxJobStatus status = Observation.statusOf(job);
        int attempt = Attempts.begun(status);
        return attempt > 0
                && !Conditions.isFinished(status)
                && (!Attempts.hasEnded(status, attempt)
                        || Conditions.reason(status, ConditionTypes.COMPLETE).equals(Reasons.RETRYING));
    }

    /** Whether the job stands in the queue: it could begin, and only others are before it. */
    private static boolean waits(SandboxJob job, Recent recent) {
        SandboxJobStatus status = Observation.statusOf(job);
        boolean isFirst = Attempts.begun(status) == 0;
        String reason = Conditions.reason(status, isFirst ? ConditionTypes.STARTED : ConditionTypes.COMPLETE);
        return isYetToBegin(job)
                && !job.isMarkedForDeletion()
                && (reason.equals(Reasons.QUEUED) || (isFirst && reason.isEmpty()))
                && !recent.letIn().contains(job.getMetadata().getUid());
    }
}
