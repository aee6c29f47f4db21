// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.operator.Failpoints;
import dev.gabion.operator.LogKeys;
import dev.gabion.operator.OperatorSettings;
import dev.gabion.operator.sandboxjob.AdmissionQueue.Admission;
import dev.gabion.operator.sandboxjob.PodFacts.Container;
import dev.gabion.operator.sandboxjob.ResultRenderer.Stored;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what was decided, and decides nothing. Between two steps that are not one stands a failpoint; what a step needs
 * to be resumed is in the status before the step is taken.
 */
final class Applier {
    private static final Logger LOG = LoggerFactory.getLogger(Applier.class);

    static final String FIELD_MANAGER = "gabion-operator";

    private static final Duration NEAR_RECHECK = Duration.ofSeconds(5);
    private static final Duration FAR_RECHECK = Duration.ofSeconds(30);
    private static final Duration SOON = Duration.ofMillis(20);

    private final OperatorSettings settings;
    private final Clock clock;
    private final AdmissionQueue queue;
    private final JobMetrics metrics;
    private final Failpoints failpoints;
    private final JobEventSources sources;
    private final DefaultDeny defaultDeny;

    Applier(OperatorSettings settings, Clock clock, AdmissionQueue queue, JobMetrics metrics, JobEventSources sources) {
        this.settings = settings;
        this.clock = clock;
        this.queue = queue;
        this.metrics = metrics;
        this.failpoints = settings.failpoints();
        this.sources = sources;
        this.defaultDeny = new DefaultDeny(sources, clock);
    }

    /**
     * Applies a decision.
     *
     * @return when to look again though nothing is heard; null: when something is heard
     */
    @Nullable
    Duration apply(Observation seen, Decision decision, Context<SandboxJob> context) {
        Visit visit = new Visit(seen, context, clock.instant());
        return switch (decision) {
            case Decision.Hold hold -> visit.hold(hold);
            case Decision.Begin begin -> visit.begin(begin);
            case Decision.Await await -> visit.await(await);
            case Decision.Stop stop -> visit.stop(stop);
            case Decision.Adopt adopt -> visit.adopt(adopt);
            case Decision.FailAttempt failed -> visit.failAttempt(failed);
            case Decision.EndCancelled cancelled -> visit.endCancelled();
            case Decision.GiveUp(var message) -> visit.giveUp(message);
            case Decision.Release(var pods) -> visit.release(pods);
            case Decision.Expire expire -> visit.expire();
            case Decision.Settled(var at) -> at == null ? null : visit.until(at);
        };
    }

    /** One decision about one job. */
    private final class Visit {
        private final Context<SandboxJob> context;
        private final KubernetesClient client;
        private final Instant now;
        private final String namespace;
        private final Observation seen;
        private SandboxJob job;

        Visit(Observation seen, Context<SandboxJob> context, Instant now) {
            this.seen = seen;
            this.job = seen.job();
            this.context = context;
            this.client = context.getClient();
            this.now = now;
            this.namespace = job.getMetadata().getNamespace();
        }

        Duration hold(Decision.Hold hold) {
            boolean heldPlace = AdmissionQueue.holdsPlace(job);
            write(status().held(hold.reason(), hold.message(), null));
            if (heldPlace && !AdmissionQueue.holdsPlace(job)) {
                giveBackPlace();
            }
            return hold.recheck();
        }

        Duration begin(Decision.Begin begin) {
            if (!AdmissionQueue.holdsPlace(job)) {
                Admission admission;
                // The cache is read under the queue's lock: an older reading than the one by which another thread made
                // the queue forget a job would count that job nowhere, and let too many in.
                synchronized (queue) {
                    admission = queue.ask(job, neighbours());
                }
                if (!admission.admitted()) {
                    return queued(admission);
                }
            }
            boolean announced = Attempts.begun(seen.status()) >= begin.attempt();
            String podName = PlanRenderer.name(job, begin.attempt());
            if (!announced) {
                write(status().begun(begin.attempt(), podName, begin.limits()));
                metrics.begun(begin.attempt(), Times.required(job.getMetadata().getCreationTimestamp()), now);
            }
            failpoints.hit(Failpoints.ATTEMPT_ANNOUNCED);
            try {
                defaultDeny.establish(client, namespace);
                create(PlanRenderer.desired(job, begin.runtime(), begin.attempt(), begin.limits()));
                failpoints.hit(Failpoints.PLAN_WRITTEN);
                create(PodRenderer.desired(job, begin.runtime(), begin.attempt(), begin.limits(), settings))
                        .ifPresent(sources::created);
                failpoints.hit(Failpoints.POD_CREATED);
            } catch (KubernetesClientException exception) {
                return refused(exception);
            }
            return FAR_RECHECK;
        }

        private Duration queued(Admission admission) {
            String position = AdmissionQueue.position(admission.ahead());
            write(status().held(
                            Reasons.QUEUED,
                            "waits for one of the %d places of namespace %s; place in the queue: %s"
                                    .formatted(settings.maxRunningPerNamespace(), namespace, position),
                            position));
            return admission.ahead() < settings.maxRunningPerNamespace() ? NEAR_RECHECK : FAR_RECHECK;
        }

        private Duration refused(KubernetesClientException exception) {
            Refusal refusal = Refusal.of(exception, namespace).orElseThrow(() -> exception);
            write(status().refused(refusal.reason(), refusal.message()));
            return settings.recheck();
        }

        Duration await(Decision.Await await) {
            if (await.pod().container() instanceof Container.Running(var since)
                    && Attempts.podUid(seen.status(), await.pod().attempt()) == null) {
                metrics.podStarted(await.pod().createdAt(), since);
            }
            write(status().progress(await.pod(), await.reason(), await.message()));
            return until(
                    keepDenying().filter(sooner -> sooner.isBefore(await.at())).orElse(await.at()));
        }

        /** Where the namespace refuses the policy that was changed or removed while a pod runs, the pod goes on. */
        private Optional<Instant> keepDenying() {
            try {
                return defaultDeny.keep(client, namespace);
            } catch (KubernetesClientException exception) {
                Refusal refusal = Refusal.of(exception, namespace).orElseThrow(() -> exception);
                try (var _ = LogKeys.with(LogKeys.REASON, refusal.reason())) {
                    LOG.warn("network policy not put back: {}", refusal.message());
                }
                return Optional.empty();
            }
        }

        Duration stop(Decision.Stop stop) {
            write(status().progress(stop.pod(), stop.reason(), stop.message()));
            failpoints.hit(Failpoints.STOP_ANNOUNCED);
            delete(stop.pod(), false);
            return settings.terminationGrace();
        }

        @Nullable
        Duration adopt(Decision.Adopt adopt) {
            Stored stored = ResultRenderer.desired(job, adopt.result(), adopt.output());
            SandboxJobStatus status = store(stored, adopt.pod(), adopt.result(), adopt.output());
            failpoints.hit(Failpoints.RESULT_STORED);
            try {
                finish(status);
            } catch (KubernetesClientException exception) {
                if (!Refusal.isOfContent(exception)) {
                    throw exception;
                }
                // No guest may hold its verdict back by what it makes the runner say.
                LOG.error("details of a result refused by the API server: {}", exception.getMessage());
                finish(status().finishedBare(adopt.pod(), adopt.result()));
            }
            return afterTheEnd(List.of(adopt.pod()));
        }

        private SandboxJobStatus store(
                Stored stored, PodFacts pod, SandboxResult result, @Nullable RunnerOutput output) {
            String name = stored.store().getMetadata().getName();
            if (output == null) {
                return status().finished(pod, result, null, name, stored.files());
            }
            try {
                apply(stored.store());
                return status().finished(pod, result, output, name, stored.files());
            } catch (KubernetesClientException exception) {
                // The verdict does not wait for room: a namespace without any keeps it all the same.
                Refusal refusal = Refusal.of(exception, namespace).orElseThrow(() -> exception);
                return status().withoutStore(pod, result, output, refusal.message(), stored.files());
            }
        }

        Duration failAttempt(Decision.FailAttempt failed) {
            write(status().attemptFailed(failed.attempt(), failed.pod(), failed.outcome(), failed.message()));
            metrics.attemptFailed(failed.outcome());
            failpoints.hit(Failpoints.ATTEMPT_FAILED_WRITTEN);
            if (failed.pod() != null) {
                remove(failed.pod());
            }
            return SOON;
        }

        @Nullable
        Duration endCancelled() {
            finish(status().cancelled());
            return afterTheEnd(seen.pods());
        }

        @Nullable
        Duration giveUp(String message) {
            finish(status().gaveUp(message));
            return afterTheEnd(seen.pods());
        }

        private void finish(SandboxJobStatus status) {
            write(status);
            metrics.finished(job.getSpec().runtime(), status);
            report(status);
            failpoints.hit(Failpoints.VERDICT_WRITTEN);
            giveBackPlace();
        }

        private void report(SandboxJobStatus status) {
            Instant began = Times.parse(status.startTime());
            Usage usage = status.usage();
            try (var _ = LogKeys.with(LogKeys.VERDICT, status.verdict())
                    .and(LogKeys.RUNTIME, job.getSpec().runtime())
                    .and(LogKeys.ATTEMPTS, Attempts.begun(status))
                    .and(
                            LogKeys.DURATION_SECONDS,
                            began == null ? null : Duration.between(began, now).toSeconds())
                    .and(LogKeys.WALL_TIME_MILLISECONDS, usage == null ? null : usage.wallTimeMilliseconds())) {
                LOG.info("job ended: {}", status.verdict());
            }
        }

        private void giveBackPlace() {
            sources.wake(queue.leave(job, neighbours()));
        }

        private @Nullable Duration afterTheEnd(List<PodFacts> pods) {
            pods.forEach(this::letGo);
            Integer ttl = job.getSpec().ttlSecondsAfterFinished();
            return ttl == null ? null : Duration.ofSeconds(Math.max(1, ttl));
        }

        Duration release(List<PodFacts> pods) {
            boolean finished = Conditions.isFinished(seen.status());
            pods.forEach(finished ? this::letGo : this::remove);
            return Duration.ofSeconds(1);
        }

        @Nullable
        Duration expire() {
            client.resource(job).lockResourceVersion().delete();
            return null;
        }

        Duration until(Instant at) {
            // Something may go unheard: never look away for longer than this.
            Duration most = Duration.ofMinutes(5);
            Instant current = clock.instant();
            if (!at.isAfter(current)) {
                return SOON;
            }
            return at.isAfter(current.plus(most))
                    ? most
                    : Duration.between(current, at).plusMillis(5);
        }

        // Status.

        private StatusFactory status() {
            return StatusFactory.of(job, seen, now);
        }

        /** Writes a status if it says something new; refused by the API server if the job changed meanwhile. */
        private void write(SandboxJobStatus status) {
            SandboxJobStatus before = Observation.statusOf(job);
            if (status.equals(before)) {
                return;
            }
            if (Conditions.isFinished(before)) {
                // The cache keeps only a part of it (KeptJobs): to write it back would take the rest away.
                throw new IllegalStateException("the status of a finished job is never written again");
            }
            SandboxJob fresh = new SandboxJob();
            fresh.setMetadata(new ObjectMetaBuilder()
                    .withName(job.getMetadata().getName())
                    .withNamespace(namespace)
                    .withResourceVersion(job.getMetadata().getResourceVersion())
                    .build());
            fresh.setStatus(status);
            SandboxJob written = client.resource(fresh).subresource("status").patch(serverSide());
            context.eventSourceRetriever()
                    .getControllerEventSource()
                    .handleRecentResourceUpdate(ResourceID.fromResource(job), written, job);
            Events.of(job, before, status, now).ifPresent(this::publish);
            job = written;
        }

        private void publish(Event event) {
            try {
                client.v1().events().inNamespace(namespace).resource(event).create();
            } catch (KubernetesClientException exception) {
                // An event is a courtesy: it was said before, or it cannot be said here.
                if (exception.getCode() != 409) {
                    try (var _ = LogKeys.with(LogKeys.REASON, event.getReason())) {
                        LOG.warn("event not published: {}", exception.getMessage());
                    }
                }
            }
        }

        // Objects.

        /** Makes it unless it is there already: names are the same for the same attempt. */
        private <T extends HasMetadata> Optional<T> create(T desired) {
            try {
                return Optional.of(client.resource(desired).create());
            } catch (KubernetesClientException exception) {
                if (exception.getCode() == 409) {
                    return Optional.empty();
                }
                throw exception;
            }
        }

        private <T extends HasMetadata> T apply(T desired) {
            return client.resource(desired).patch(serverSide());
        }

        // Pods that are done.

        /** Keeps an ended pod for its log; ends one that still runs. */
        private void letGo(PodFacts pod) {
            if (!pod.ended() && !pod.deleting()) {
                delete(pod, false);
            }
            unhold(pod);
        }

        private void remove(PodFacts pod) {
            delete(pod, pod.nodeLost() || pod.deleting());
            failpoints.hit(Failpoints.POD_DELETED);
            unhold(pod);
        }

        private void delete(PodFacts pod, boolean force) {
            var resource = client.pods().inNamespace(namespace).withName(pod.name());
            if (force) {
                resource.withGracePeriod(0).delete();
            } else if (!pod.deleting()) {
                resource.withGracePeriod(settings.terminationGrace().toSeconds())
                        .delete();
            }
        }

        private void unhold(PodFacts pod) {
            if (!pod.held()) {
                return;
            }
            Observer.pods(job, context).stream()
                    .filter(found -> found.getMetadata().getUid().equals(pod.uid()))
                    .findFirst()
                    .ifPresent(found -> PodFinalizer.remove(client, found));
        }

        private Collection<SandboxJob> neighbours() {
            return sources.jobs(namespace);
        }
    }

    static PatchContext serverSide() {
        return new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(FIELD_MANAGER)
                .withForce(true)
                .build();
    }
}
