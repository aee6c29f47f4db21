// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gabion.api.v1alpha1.OutputFile;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.e2e.harness.JobYaml;
import dev.gabion.e2e.harness.Jobs;
import dev.gabion.e2e.harness.OnCluster;
import dev.gabion.e2e.harness.Scenario;
import dev.gabion.e2e.harness.TestCluster;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Suspend, cancel, time to live, deletion, and sources that are not inline. */
@Order(30)
@OnCluster
class LifecycleE2E {
    private static final String SLEEPS = "import time; print('begun', flush=True); time.sleep(120)";

    private final TestCluster cluster;
    private final Jobs jobs;

    LifecycleE2E(TestCluster cluster, Jobs jobs) {
        this.cluster = cluster;
        this.jobs = jobs;
    }

    @Scenario(
            name = "A suspended job has no pod; released, it runs",
            steps = {"Apply a job with suspend: true", "Wait until the operator has seen it", "Set suspend: false"},
            expected = {"While suspended there is no pod and no verdict", "Afterwards OK with one attempt"})
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void suspend() {
        jobs.apply("waits", JobYaml.python("print('released')", "suspend: true"));
        jobs.await(
                "waits",
                Duration.ofSeconds(30),
                job -> job.getStatus() != null && job.getStatus().observedGeneration() != null);
        assertThat(jobs.podsOf("waits")).isEmpty();

        patch("waits", "{\"spec\":{\"suspend\":false}}");

        assertThat(Jobs.assertVerdict(jobs.awaitEnd("waits"), Verdict.OK).attempts())
                .isEqualTo(1);
    }

    @Scenario(
            name = "A running job that is cancelled ends as Cancelled and its guest with it",
            steps = {"Apply a job that sleeps for two minutes", "When its pod runs, set cancel: true"},
            expected = {"Cancelled within seconds", "No container of the job runs any more"})
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void cancelWhileRunning() {
        jobs.apply("cancelled", JobYaml.python(SLEEPS));
        jobs.awaitRunningPod("cancelled");

        patch("cancelled", "{\"spec\":{\"cancel\":true}}");

        Jobs.assertVerdict(jobs.await("cancelled", Duration.ofSeconds(60), Jobs::hasEnded), Verdict.Cancelled);
        awaitNoRunningPod("cancelled");
    }

    @Scenario(
            name = "A suspended job that is cancelled never gets a pod",
            steps = {"Apply a job with suspend: true and cancel: true"},
            expected = {"Cancelled, no pod"})
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void cancelBeforeStart() {
        SandboxJob job = jobs.run("never", JobYaml.python("print('never')", "suspend: true", "cancel: true"));

        Jobs.assertVerdict(job, Verdict.Cancelled);
        assertThat(jobs.podsOf("never")).isEmpty();
    }

    @Scenario(
            name = "A finished job is deleted when its time to live is over, and all of it",
            steps = {"Apply a job with ttlSecondsAfterFinished: 3"},
            expected = {"The job, its pod and its config maps are gone within half a minute"})
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void timeToLive() {
        jobs.apply("brief", JobYaml.python("print('brief')", "ttlSecondsAfterFinished: 3"));

        awaitGone("brief", Duration.ofSeconds(60));
    }

    @Scenario(
            name = "A job deleted while it runs leaves nothing behind",
            steps = {"Apply a job that sleeps for two minutes", "When its pod runs, delete the job"},
            expected = {"The job, its pod and its config maps are gone within a minute; no finalizer holds them"})
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void deletionWhileRunning() {
        jobs.apply("deleted", JobYaml.python(SLEEPS));
        jobs.awaitRunningPod("deleted");

        jobs.all().withName("deleted").delete();

        awaitGone("deleted", Duration.ofSeconds(90));
    }

    @Scenario(
            name = "A job whose ConfigMap is not there waits for it, and runs when it comes",
            steps = {
                "Apply a job whose configMapRef names nothing, and wait until it says so",
                "Create the ConfigMap with a program"
            },
            expected = {
                "While it waits there is no pod; afterwards OK with one attempt, and the program's line is in the output"
            })
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void configMapThatComesLater() {
        jobs.apply("referred", "runtime: python\nsource: {configMapRef: {name: program}}\n");
        jobs.awaitReason("referred", "SourceNotFound", "program");
        assertThat(jobs.podsOf("referred")).isEmpty();

        cluster.kubectl(
                "create",
                "configmap",
                "program",
                "-n",
                jobs.namespace(),
                "--from-literal=main.py=print('by reference')");

        SandboxJobStatus status = Jobs.assertVerdict(jobs.awaitEnd("referred"), Verdict.OK);
        assertThat(status.attempts()).isEqualTo(1);
        assertThat(Jobs.stdout(status)).isEqualTo("by reference\n");
    }

    @Scenario(
            name =
                    "A program comes from a Secret only where the administrator allows it, and only if the Secret says so itself",
            steps = {
                "In a namespace the chart grants no Secret in: create a Secret with the label, and a job for it",
                "In the chart's namespace for jobs: create a Secret without the label, and a job for it",
                "Put the label gabion.dev/sandbox-source: \"true\" on it"
            },
            expected = {
                "The first job has no pod, and is told which value of the chart allows it (SecretNotReadable)",
                "The second has no pod while the label is missing (SecretNotLabelled), and runs to OK when it is there"
            })
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void secretAsSource() {
        secret(jobs.namespace(), "private");
        label(jobs.namespace(), "private");
        jobs.apply("stolen", "runtime: python\nsource: {secretRef: {name: private}}\n");
        SandboxJob stolen = jobs.awaitReason("stolen", "SecretNotReadable", "access.secretSourceNamespaces");
        assertThat(stolen.getStatus().verdict()).isNull();
        assertThat(jobs.podsOf("stolen")).isEmpty();

        Jobs granted = Jobs.in(cluster.client(), TestCluster.JOBS);
        String name = Jobs.unique("e2e-secret");
        secret(granted.namespace(), name);
        try {
            granted.apply(name, "runtime: python\nsource: {secretRef: {name: " + name + "}}\n");
            granted.awaitReason(name, "SecretNotLabelled", "gabion.dev/sandbox-source");
            assertThat(granted.podsOf(name)).isEmpty();

            label(granted.namespace(), name);

            SandboxJobStatus status = Jobs.assertVerdict(granted.awaitEnd(name), Verdict.OK);
            assertThat(status.attempts()).isEqualTo(1);
            assertThat(Jobs.stdout(status)).isEqualTo("from the secret\n");
        } finally {
            granted.all().withName(name).delete();
            cluster.client()
                    .secrets()
                    .inNamespace(granted.namespace())
                    .withName(name)
                    .delete();
        }
    }

    private void secret(String namespace, String name) {
        cluster.kubectl(
                "create",
                "secret",
                "generic",
                name,
                "-n",
                namespace,
                "--from-literal=main.py=print('from the secret')");
    }

    private void label(String namespace, String name) {
        cluster.kubectl("label", "secret", name, "-n", namespace, "gabion.dev/sandbox-source=true");
    }

    @Scenario(
            name = "Files that a job asked to keep are in its result, byte for byte, and go with it",
            steps = {
                "Run a job that writes 5,000 bytes of every value into a file, a text into another, and makes a symbolic link to a"
                        + " file of the system, and asks to keep all three",
                "Read the result's ConfigMap; delete the job"
            },
            expected = {
                "The two files are there with size and SHA-256 of the status; the link is not kept, and the status says why",
                "With the job its ConfigMap goes"
            })
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void keptFiles() throws NoSuchAlgorithmException {
        SandboxJob job = jobs.run("keeps", JobYaml.python("""
                import os
                open('all.bin', 'wb').write(bytes(i % 256 for i in range(5000)))
                open('note.txt', 'w').write('kept\\n')
                os.symlink('/etc/passwd', 'link.txt')
                """, "outputs: [all.bin, '*.txt']"));

        SandboxJobStatus status = Jobs.assertVerdict(job, Verdict.OK);
        byte[] all = new byte[5000];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        assertKept(status, "all.bin", all);
        assertKept(status, "note.txt", "kept\n".getBytes(StandardCharsets.UTF_8));
        assertThat(output(status, "link.txt").stored()).isFalse();
        assertThat(output(status, "link.txt").message()).isNotBlank();

        jobs.all().withName("keeps").delete();
        awaitGone("keeps", Duration.ofSeconds(60));
    }

    private void assertKept(SandboxJobStatus status, String path, byte[] content) throws NoSuchAlgorithmException {
        OutputFile file = output(status, path);
        assertThat(file.stored()).isTrue();
        assertThat(file.bytes()).isEqualTo(content.length);
        assertThat(file.sha256())
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(content)));
        String stored = cluster.client()
                .configMaps()
                .inNamespace(jobs.namespace())
                .withName("keeps-result")
                .require()
                .getBinaryData()
                .get(String.valueOf(file.key()));
        assertThat(Base64.getDecoder().decode(Objects.requireNonNull(stored))).isEqualTo(content);
    }

    private static OutputFile output(SandboxJobStatus status, String path) {
        return status.outputs().stream()
                .filter(file -> file.path().equals(path))
                .findFirst()
                .orElseThrow(() -> new AssertionError(path + " is not in " + status.outputs()));
    }

    private void patch(String name, String merge) {
        cluster.kubectl("patch", "sandboxjob", name, "-n", jobs.namespace(), "--type=merge", "-p", merge);
    }

    private void awaitNoRunningPod(String name) {
        await("no running pod of " + name).atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(
                        jobs.podsOf(name))
                .noneMatch(pod -> pod.getStatus().getPhase().equals("Running")));
    }

    private void awaitGone(String name, Duration patience) {
        await(name + " is gone").atMost(patience).untilAsserted(() -> {
            assertThat(jobs.all().withName(name).get()).isNull();
            assertThat(jobs.podsOf(name)).isEmpty();
            assertThat(cluster.client()
                            .configMaps()
                            .inNamespace(jobs.namespace())
                            .list()
                            .getItems())
                    .noneMatch(map -> map.getMetadata().getName().startsWith(name + "-"));
        });
    }
}
