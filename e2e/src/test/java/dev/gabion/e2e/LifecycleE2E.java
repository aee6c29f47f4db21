// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.e2e.harness.Jobs;
import dev.gabion.e2e.harness.OnCluster;
import dev.gabion.e2e.harness.Scenario;
import dev.gabion.e2e.harness.TestCluster;
import java.time.Duration;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

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
    void suspend() {
        jobs.apply("waits", Jobs.python("print('released')", "suspend: true"));
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
    void cancelWhileRunning() {
        jobs.apply("cancelled", Jobs.python(SLEEPS));
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
    void cancelBeforeStart() {
        SandboxJob job = jobs.run("never", Jobs.python("print('never')", "suspend: true", "cancel: true"));

        Jobs.assertVerdict(job, Verdict.Cancelled);
        assertThat(jobs.podsOf("never")).isEmpty();
    }

    @Scenario(
            name = "A finished job is deleted when its time to live is over, and all of it",
            steps = {"Apply a job with ttlSecondsAfterFinished: 3"},
            expected = {"The job, its pod and its config maps are gone within half a minute"})
    @Test
    void timeToLive() {
        jobs.apply("brief", Jobs.python("print('brief')", "ttlSecondsAfterFinished: 3"));

        awaitGone("brief", Duration.ofSeconds(60));
    }

    @Scenario(
            name = "A job deleted while it runs leaves nothing behind",
            steps = {"Apply a job that sleeps for two minutes", "When its pod runs, delete the job"},
            expected = {"The job, its pod and its config maps are gone within a minute; no finalizer holds them"})
    @Test
    void deletionWhileRunning() {
        jobs.apply("deleted", Jobs.python(SLEEPS));
        jobs.awaitRunningPod("deleted");

        jobs.all().withName("deleted").delete();

        awaitGone("deleted", Duration.ofSeconds(90));
    }

    @Scenario(
            name = "A program comes from a ConfigMap; from a Secret only where the administrator allows it",
            steps = {
                "Create a ConfigMap with a program, and a Secret, in a namespace the chart grants no Secret in",
                "Apply a job for each"
            },
            expected = {
                "The first runs to OK",
                "The second has no pod, and is told which value of the chart allows it (SecretNotReadable)"
            })
    @Test
    void sourcesByReference() {
        cluster.kubectl(
                "create",
                "configmap",
                "program",
                "-n",
                jobs.namespace(),
                "--from-literal=main.py=print('by reference')");
        cluster.kubectl(
                "create", "secret", "generic", "private", "-n", jobs.namespace(), "--from-literal=main.py=print(1)");

        SandboxJob referred = jobs.run("referred", "runtime: python\nsource: {configMapRef: {name: program}}\n");
        jobs.apply("stolen", "runtime: python\nsource: {secretRef: {name: private}}\nmaxAttempts: 1\n");

        assertThat(Jobs.stdout(Jobs.assertVerdict(referred, Verdict.OK))).contains("by reference");
        SandboxJob stolen = jobs.await(
                "stolen",
                Duration.ofSeconds(60),
                job -> job.getStatus() != null
                        && job.getStatus().conditions().stream()
                                .anyMatch(condition -> condition.getMessage() != null
                                        && condition.getReason().equals("SecretNotReadable")));
        assertThat(stolen.getStatus().verdict()).isNotEqualTo(Verdict.OK);
        assertThat(jobs.podsOf("stolen")).isEmpty();
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
