// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.operator.LogKeys;
import dev.gabion.operator.OperatorSettings;
import dev.gabion.operator.ReconcilerWatch;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings a SandboxJob to its verdict: observe, decide, apply. */
@ControllerConfiguration(
        name = SandboxJobReconciler.NAME,
        fieldManager = Applier.FIELD_MANAGER,
        informer = @Informer(itemStore = KeptJobs.class, informerListLimit = JobEventSources.PAGE),
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(
        maxAttempts = SandboxJobReconciler.UNLIMITED,
        initialInterval = 500,
        intervalMultiplier = 2,
        maxInterval = 30_000)
@Singleton
public class SandboxJobReconciler implements Reconciler<SandboxJob> {
    static final String NAME = "sandboxjob";

    /** Anything that fails is tried again for ever, at most half a minute apart. */
    static final int UNLIMITED = -1;

    private static final Logger LOG = LoggerFactory.getLogger(SandboxJobReconciler.class);

    private final OperatorSettings settings;
    private final Clock clock;
    private final ReconcilerWatch watch;
    private final JobEventSources sources = new JobEventSources();
    private final Observer observer;
    private final Applier applier;
    private final OrphanedPods orphans;

    public SandboxJobReconciler(
            KubernetesClient client,
            OperatorSettings settings,
            Clock clock,
            MeterRegistry registry,
            ReconcilerWatch watch,
            PodLogs logs) {
        this.settings = settings;
        this.clock = clock;
        this.watch = watch;
        ObjectMetadata metadata = new ObjectMetadata(client);
        this.observer = new Observer(new Sources(metadata), new Namespaces(metadata, clock, settings.recheck()), logs);
        this.applier = new Applier(
                settings,
                clock,
                new AdmissionQueue(settings.maxRunningPerNamespace()),
                new JobMetrics(registry),
                sources);
        this.orphans = new OrphanedPods(client, sources, clock);
    }

    @Override
    public List<EventSource<?, SandboxJob>> prepareEventSources(EventSourceContext<SandboxJob> context) {
        List<EventSource<?, SandboxJob>> prepared = sources.prepare(context);
        orphans.start();
        return prepared;
    }

    @Override
    public UpdateControl<SandboxJob> reconcile(SandboxJob job, Context<SandboxJob> context) {
        try (var _ = watch.enter();
                var _ = LogKeys.with(LogKeys.NAMESPACE, job.getMetadata().getNamespace())
                        .and(LogKeys.JOB, job.getMetadata().getName())) {
            Observation seen = observer.observe(job, context);
            Decision decision = Decisions.decide(seen, clock.instant(), settings);
            LOG.debug("{}", decision);
            return lookAgain(applier.apply(seen, decision, context));
        }
    }

    /** Ends what runs beside the reconciliations. */
    @PreDestroy
    public void stop() {
        orphans.stop();
    }

    private static UpdateControl<SandboxJob> lookAgain(@Nullable Duration after) {
        UpdateControl<SandboxJob> control = UpdateControl.noUpdate();
        return after == null ? control : control.rescheduleAfter(after);
    }
}
