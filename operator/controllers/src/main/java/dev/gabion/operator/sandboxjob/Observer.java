// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.operator.sandboxjob.Observation.Problem;
import dev.gabion.operator.sandboxjob.PodFacts.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Looks, and never acts: the caches, and what no cache holds only where a decision will hang on it. */
final class Observer {
    private final Sources sources;
    private final Namespaces namespaces;
    private final PodLogs logs;

    Observer(Sources sources, Namespaces namespaces, PodLogs logs) {
        this.sources = sources;
        this.namespaces = namespaces;
        this.logs = logs;
    }

    Observation observe(SandboxJob job, Context<SandboxJob> context) {
        SandboxJobStatus status = Observation.statusOf(job);
        List<PodFacts> pods = pods(job, context).stream()
                .map(PodFacts::of)
                .sorted(Comparator.comparingInt(PodFacts::attempt))
                .toList();
        boolean open = !Conditions.isFinished(status);
        int attempt = Attempts.begun(status);
        Optional<PodFacts> current =
                pods.stream().filter(pod -> pod.attempt() == attempt).findFirst();
        boolean mayBegin = open && (attempt == 0 || Attempts.hasEnded(status, attempt));
        return new Observation(
                job,
                context.getSecondaryResource(SandboxRuntime.class).orElse(null),
                pods,
                mayBegin ? source(job) : null,
                mayBegin ? namespaces.podSecurity(job.getMetadata().getNamespace()) : null,
                open && !Attempts.hasEnded(status, attempt)
                        ? current.map(pod -> output(job, pod)).orElse(null)
                        : null);
    }

    /** The pods of this very job; one of an older job of the same name is not among them. */
    static List<Pod> pods(SandboxJob job, Context<SandboxJob> context) {
        return context.getSecondaryResources(Pod.class).stream()
                .filter(pod -> pod.hasOwnerReferenceFor(job.getMetadata().getUid()))
                .toList();
    }

    private @Nullable Problem source(SandboxJob job) {
        return job.getSpec().isSuspended() || job.getSpec().isCancelled() ? null : sources.check(job);
    }

    private @Nullable RunnerOutput output(SandboxJob job, PodFacts pod) {
        return pod.container() instanceof Container.Terminated
                ? logs.read(job.getMetadata().getNamespace(), pod.name())
                : null;
    }
}
