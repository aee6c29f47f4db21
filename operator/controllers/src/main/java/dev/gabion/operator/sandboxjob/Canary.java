// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.Output;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.StreamOutput;
import dev.gabion.api.v1alpha1.Verdict;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * {@code operator canary NAMESPACE JOB TEXT}, the chart's own test: waits for the verdict of the job that is there now. What an earlier
 * job of that name left behind says nothing about this one, so only the job's own status is asked.
 */
public final class Canary {
    private final KubernetesClient client;
    private final Duration patience;

    /** Waits this long at most. */
    public Canary(KubernetesClient client, Duration patience) {
        this.client = client;
        this.patience = patience;
    }

    /** What is wrong, as a sentence; empty if the job is OK and its output is the text and a line feed. */
    public Optional<String> complaint(String namespace, String job, String text) {
        SandboxJobStatus status;
        try {
            status = Observation.statusOf(client.resources(SandboxJob.class)
                    .inNamespace(namespace)
                    .withName(job)
                    .waitUntilCondition(
                            seen -> seen != null && Conditions.isFinished(Observation.statusOf(seen)),
                            patience.toMillis(),
                            TimeUnit.MILLISECONDS));
        } catch (KubernetesClientTimeoutException late) {
            return Optional.of("SandboxJob %s has no verdict after %d s: %s"
                    .formatted(job, patience.toSeconds(), state(namespace, job)));
        }
        if (status.verdict() != Verdict.OK) {
            return Optional.of("SandboxJob %s is %s: %s"
                    .formatted(job, status.verdict(), StatusFactory.sentence(status.reasons())));
        }
        String said = Optional.ofNullable(status.output())
                .map(Output::stdout)
                .map(StreamOutput::tail)
                .orElse("");
        return said.equals(text + "\n")
                ? Optional.empty()
                : Optional.of("SandboxJob %s is OK, but its output is not '%s': %s".formatted(job, text, said));
    }

    private String state(String namespace, String job) {
        return Optional.ofNullable(client.resources(SandboxJob.class)
                        .inNamespace(namespace)
                        .withName(job)
                        .get())
                .map(Observation::statusOf)
                .map(status -> status.conditions().stream()
                        .map(Condition::getMessage)
                        .distinct()
                        .collect(Collectors.joining("; ")))
                .filter(text -> !text.isBlank())
                .orElse("no operator has looked at it");
    }
}
