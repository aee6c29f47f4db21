// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.javaoperatorsdk.operator.OperatorException;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.Mappers;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is watched, one cache per type: runner pods by their label, runtimes, our network policies. A place that becomes
 * free in a queue is an event as well.
 */
final class JobEventSources {
    /** Not "namespace": the client's own informers have an index of that name already, and the operator would not start. */
    private static final String BY_NAMESPACE = "jobs-of-namespace";

    private static final String WAITING_BY_RUNTIME = "waiting-by-runtime";

    /** Jobs and pods are listed so many at a time: a list of thousands in one piece would set the size of the heap. */
    static final long PAGE = 100;

    private final SimpleInboundEventSource<SandboxJob> queue = new SimpleInboundEventSource<>("queue");
    private @Nullable InformerEventSource<Pod, SandboxJob> pods;
    private @Nullable InformerEventSource<NetworkPolicy, SandboxJob> policies;
    private @Nullable IndexerResourceCache<SandboxJob> jobs;

    List<EventSource<?, SandboxJob>> prepare(EventSourceContext<SandboxJob> context) {
        requireOneCache(context);
        IndexerResourceCache<SandboxJob> cache = context.getPrimaryCache();
        cache.addIndexer(BY_NAMESPACE, job -> List.of(job.getMetadata().getNamespace()));
        cache.addIndexer(
                WAITING_BY_RUNTIME,
                job -> Attempts.begun(Observation.statusOf(job)) == 0
                                && !Conditions.isFinished(Observation.statusOf(job))
                        ? List.of(job.getSpec().runtime())
                        : List.of());
        jobs = cache;
        pods = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Pod.class, SandboxJob.class)
                        .withName("pods")
                        .withLabelSelector(Labels.RUNNER_SELECTOR)
                        .withItemStore(new KeptPods())
                        .withInformerListLimit(PAGE)
                        .withSecondaryToPrimaryMapper(Mappers.fromOwnerReferences(SandboxJob.class))
                        .build(),
                context);
        policies = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(NetworkPolicy.class, SandboxJob.class)
                        .withName("network-policies")
                        .withLabelSelector(Labels.RUNNER_POLICY_SELECTOR)
                        // While jobs run, a policy that was removed is put back by any of them.
                        .withSecondaryToPrimaryMapper(policy ->
                                cache.byIndex(BY_NAMESPACE, policy.getMetadata().getNamespace()).stream()
                                        .filter(JobEventSources::isUnderWay)
                                        .map(ResourceID::fromResource)
                                        .collect(Collectors.toSet()))
                        .build(),
                context);
        InformerEventSource<SandboxRuntime, SandboxJob> runtimes = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(SandboxRuntime.class, SandboxJob.class)
                        .withName("runtimes")
                        // Of the whole cluster, also where the operator is told to watch a few namespaces only.
                        .withWatchAllNamespaces()
                        .withSecondaryToPrimaryMapper(
                                runtime -> cache
                                        .byIndex(
                                                WAITING_BY_RUNTIME,
                                                runtime.getMetadata().getName())
                                        .stream()
                                        .map(ResourceID::fromResource)
                                        .collect(Collectors.toSet()))
                        .withPrimaryToSecondaryMapper((SandboxJob job) ->
                                Set.of(new ResourceID(job.getSpec().runtime())))
                        .build(),
                context);
        return List.of(pods, policies, runtimes, queue);
    }

    /** Each of several namespaces would have an informer of its own, and all of them one store ({@link KeptJobs}). */
    private static void requireOneCache(EventSourceContext<SandboxJob> context) {
        Set<String> namespaces = context.getControllerConfiguration()
                .getInformerConfig()
                .getEffectiveNamespaces(context.getControllerConfiguration());
        if (namespaces.size() > 1) {
            throw new OperatorException(
                    "quarkus.operator-sdk.namespaces names %d namespaces; it must name one, or none for all of them"
                            .formatted(namespaces.size()));
        }
    }

    private static boolean isUnderWay(SandboxJob job) {
        SandboxJobStatus status = Observation.statusOf(job);
        return Attempts.begun(status) > 0 && !Conditions.isFinished(status);
    }

    /** All jobs of a namespace. */
    Collection<SandboxJob> jobs(String namespace) {
        return Objects.requireNonNull(jobs, "prepared").byIndex(BY_NAMESPACE, namespace);
    }

    /** Whether the job is known and stays. */
    boolean keepsJob(String namespace, String name, String uid) {
        return Objects.requireNonNull(jobs, "prepared")
                .get(new ResourceID(name, namespace))
                .filter(job -> uid.equals(job.getMetadata().getUid()) && !job.isMarkedForDeletion())
                .isPresent();
    }

    InformerEventSource<NetworkPolicy, SandboxJob> policies() {
        return Objects.requireNonNull(policies, "prepared");
    }

    InformerEventSource<Pod, SandboxJob> pods() {
        return Objects.requireNonNull(pods, "prepared");
    }

    /** Puts a pod that was just made into the cache, ahead of its event. */
    void created(Pod pod) {
        pods().handleRecentResourceCreate(ResourceID.fromResource(pod), pod);
    }

    /** Has these jobs looked at. */
    void wake(Collection<SandboxJob> next) {
        next.stream().map(ResourceID::fromResource).forEach(queue::propagateEvent);
    }
}
