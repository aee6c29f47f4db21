// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e.harness;

import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.StreamOutput;
import dev.gabion.api.v1alpha1.Verdict;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A namespace of a scenario class's own, Pod Security restricted, and the jobs in it. */
public final class Jobs implements AutoCloseable {
    /** No scenario's job takes longer once it has its turn. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final KubernetesClient client;
    private final String namespace;

    /** Makes the namespace. */
    public Jobs(KubernetesClient client, String subject) {
        this.client = client;
        this.namespace = "e2e-" + subject + "-" + Long.toString(System.nanoTime() & 0xffffff, 36);
        client.namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .addToLabels("gabion.dev/e2e", "true")
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .addToLabels("pod-security.kubernetes.io/warn", "restricted")
                        .endMetadata()
                        .build())
                .create();
    }

    /** Its name. */
    public String namespace() {
        return namespace;
    }

    /** The jobs of the namespace. */
    public NonNamespaceOperation<SandboxJob, KubernetesResourceList<SandboxJob>, Resource<SandboxJob>> all() {
        return client.resources(SandboxJob.class).inNamespace(namespace);
    }

    /** The pods of one job. */
    public List<Pod> podsOf(String job) {
        return client.pods()
                .inNamespace(namespace)
                .withLabel("gabion.dev/job", job)
                .list()
                .getItems();
    }

    /** Creates a job from the YAML of its spec. */
    public SandboxJob apply(String name, String spec) {
        String document = "apiVersion: gabion.dev/v1alpha1\nkind: SandboxJob\nmetadata:\n  name: " + name + "\nspec:\n"
                + spec.indent(2);
        return all().resource(Serialization.unmarshal(document, SandboxJob.class))
                .create();
    }

    /** A spec that runs a Python program, with further lines of the spec. */
    public static String python(String program, String... more) {
        return "runtime: python\nsource:\n  inline:\n    - name: main.py\n      content: |\n"
                + program.strip().indent(8)
                + String.join("\n", more);
    }

    /** Waits until the job is as wanted. The test fails with the job's whole state if it never is. */
    public SandboxJob await(String name, Duration patience, Predicate<SandboxJob> wanted) {
        try {
            return all().withName(name)
                    .waitUntilCondition(
                            job -> job != null && wanted.test(job), patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RuntimeException tooLate) {
            throw new AssertionError(
                    "not reached within " + patience + ":\n"
                            + Serialization.asYaml(all().withName(name).get()),
                    tooLate);
        }
    }

    /** Waits for the job's end, whatever it is. */
    public SandboxJob awaitEnd(String name) {
        return await(name, PATIENCE, Jobs::hasEnded);
    }

    /** Waits until the job's guest runs: its pod is ready in the kubelet's eyes. */
    public Pod awaitRunningPod(String name) {
        await(name, PATIENCE, job -> hasCondition(job, ConditionTypes.STARTED));
        return Awaitility.await("a running pod of " + name)
                .atMost(PATIENCE)
                .until(
                        () -> podsOf(name).stream()
                                .filter(pod -> pod.getStatus().getPhase().equals("Running"))
                                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                                .findFirst()
                                .orElse(null),
                        Objects::nonNull);
    }

    /** Creates the job and waits for its end. */
    public SandboxJob run(String name, String spec) {
        apply(name, spec);
        return awaitEnd(name);
    }

    /** Whether there is a verdict, or the infrastructure gave up. */
    public static boolean hasEnded(SandboxJob job) {
        return hasCondition(job, ConditionTypes.COMPLETE) || hasCondition(job, ConditionTypes.FAILED);
    }

    /** Whether the condition is True. */
    public static boolean hasCondition(SandboxJob job, String type) {
        return job.getStatus() != null
                && job.getStatus().conditions().stream()
                        .anyMatch(condition -> condition.getType().equals(type)
                                && condition.getStatus().equals("True"));
    }

    /** The verdict must be this; else the test fails with the job's whole state. */
    public static SandboxJobStatus assertVerdict(SandboxJob job, Verdict verdict) {
        SandboxJobStatus status = job.getStatus();
        Assertions.assertThat(status.verdict())
                .as(() -> Serialization.asYaml(job))
                .isEqualTo(verdict);
        return status;
    }

    /** The end of the standard output, empty if there was none. */
    public static String stdout(SandboxJobStatus status) {
        return status.output() == null ? "" : tail(status.output().stdout());
    }

    /** The end of the standard error, empty if there was none. */
    public static String stderr(SandboxJobStatus status) {
        return status.output() == null ? "" : tail(status.output().stderr());
    }

    private static String tail(@Nullable StreamOutput stream) {
        return stream == null || stream.tail() == null ? "" : stream.tail();
    }

    /** What the probe of a control found; the test fails if it was not reported. */
    public static Control control(SandboxJobStatus status, ControlName name) {
        return status.controls().stream()
                .filter(control -> control.name() == name)
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " was not reported: " + status.controls()));
    }

    /** Deletes the namespace with all that is in it; does not wait for it. */
    @Override
    public void close() {
        client.namespaces().withName(namespace).delete();
    }
}
