// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e.harness;

import dev.gabion.api.v1alpha1.AttemptRecord;
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

/** A namespace, as a rule of a scenario class's own with Pod Security restricted, and the jobs in it. */
public final class Jobs implements AutoCloseable {
    /** No scenario's job takes longer once it has its turn. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** What a job waits for is said within this time. */
    private static final Duration TOLD = Duration.ofSeconds(60);

    /** A job long enough to be hit while it runs, short enough to be tried again. */
    public static final String SURVIVOR = JobYaml.python("import time; time.sleep(6); print('survived')");

    private final KubernetesClient client;
    private final String namespace;
    private final boolean own;

    private Jobs(KubernetesClient client, String namespace, boolean own) {
        this.client = client;
        this.namespace = namespace;
        this.own = own;
    }

    /** Jobs in a namespace that is there already, and stays. */
    public static Jobs in(KubernetesClient client, String namespace) {
        return new Jobs(client, namespace, false);
    }

    /** A name that no run before had. */
    public static String unique(String name) {
        return name + "-" + Long.toString(System.nanoTime() & 0xffffff, 36);
    }

    /** Makes the namespace. */
    public Jobs(KubernetesClient client, String subject) {
        this(client, unique("e2e-" + subject), true);
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
        return all().resource(JobYaml.job(name, spec)).create();
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

    /** Waits until the pod's log contains the text: its guest has said it. */
    public void awaitLog(Pod pod, String text) {
        Awaitility.await("'" + text + "' in the log of " + pod.getMetadata().getName())
                .atMost(TOLD)
                .until(() -> client.pods()
                        .inNamespace(namespace)
                        .withName(pod.getMetadata().getName())
                        .getLog()
                        .contains(text));
    }

    /** Creates the job and waits for its end. */
    public SandboxJob run(String name, String spec) {
        apply(name, spec);
        return awaitEnd(name);
    }

    /** Waits until a condition of the job has this reason, and a message that contains the word. */
    public SandboxJob awaitReason(String name, String reason, String word) {
        return await(name, TOLD, job -> isTold(job, reason, word));
    }

    private static boolean isTold(SandboxJob job, String reason, String word) {
        return job.getStatus() != null
                && job.getStatus().conditions().stream()
                        .anyMatch(condition -> condition.getReason().equals(reason)
                                && condition.getMessage() != null
                                && condition.getMessage().contains(word));
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

    /** A {@link #SURVIVOR} must be OK by its second attempt, and its first must have ended by this outcome. */
    public static SandboxJobStatus assertSurvived(SandboxJob job, String outcome) {
        SandboxJobStatus status = assertVerdict(job, Verdict.OK);
        Assertions.assertThat(stdout(status)).contains("survived");
        Assertions.assertThat(status.attempts()).isEqualTo(2);
        Assertions.assertThat(status.attemptRecords())
                .as(() -> Serialization.asYaml(job))
                .extracting(AttemptRecord::outcome)
                .containsExactly(outcome, "Finished");
        return status;
    }

    /** Attempts that ran the guest to a result. Any other was failed by the infrastructure. */
    public static long finishedAttempts(SandboxJobStatus status) {
        return status.attemptRecords().stream()
                .filter(attempt -> "Finished".equals(attempt.outcome()))
                .count();
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

    /** Deletes the namespace with all that is in it, if it was made here; does not wait for it. */
    @Override
    public void close() {
        if (own) {
            client.namespaces().withName(namespace).delete();
        }
    }
}
