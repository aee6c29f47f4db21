// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.e2e.harness.JobYaml;
import dev.gabion.e2e.harness.Jobs;
import dev.gabion.e2e.harness.OnCluster;
import dev.gabion.e2e.harness.Release;
import dev.gabion.e2e.harness.Scenario;
import dev.gabion.e2e.harness.Shell;
import dev.gabion.e2e.harness.TestCluster;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The release itself. Last, because it takes the operator away. */
@Order(90)
@OnCluster
class InstallE2E {
    private final TestCluster cluster;
    private final Jobs jobs;

    InstallE2E(TestCluster cluster, Jobs jobs) {
        this.cluster = cluster;
        this.jobs = jobs;
    }

    @Scenario(
            name = "The chart's own test passes",
            steps = {"helm test"},
            expected = {"The canary job reaches OK and the waiting pod succeeds"})
    @Test
    @Order(1)
    void helmTest() {
        assertThat(cluster.helm("test", TestCluster.RELEASE, "--namespace", TestCluster.SYSTEM, "--timeout", "3m"))
                .contains("Phase:          Succeeded");
    }

    @Scenario(
            name = "An upgrade under a running job loses nothing and changes nothing",
            steps = {
                "Apply a job that sleeps for fifteen seconds",
                "While it runs, upgrade the release with another concurrency limit, which replaces every operator pod"
            },
            expected = {"OK with one attempt; the finished job of before is untouched"})
    @Test
    @Order(3)
    void upgrade() {
        SandboxJob finished = jobs.run("finished", JobYaml.python("print('before')"));
        jobs.apply("through", JobYaml.python("import time; time.sleep(15); print('through')"));
        jobs.awaitRunningPod("through");

        Set<String> before = operators();
        Release.upgrade(cluster, "operator.maxRunningJobsPerNamespace=21");
        await("every operator is a new one")
                .atMost(Duration.ofMinutes(1))
                .until(() -> Collections.disjoint(operators(), before));

        assertThat(Jobs.assertVerdict(jobs.awaitEnd("through"), Verdict.OK).attempts())
                .isEqualTo(1);
        assertThat(jobs.all().withName("finished").require().getMetadata().getResourceVersion())
                .isEqualTo(finished.getMetadata().getResourceVersion());
    }

    @Scenario(
            name = "The chart's own test does not take a result of before for its own",
            steps = {
                "Take a cluster that just had a test end: put a ConfigMap with a canary's result there, and stop the operators",
                "helm test with a short time limit",
                "Scale the operator back, helm test again"
            },
            expected = {"Without an operator the test fails, though the old result was there; with one it passes"})
    @Test
    @Order(2)
    void helmTestWaitsForItsOwnResult() {
        cluster.kubectl("delete", "configmap", "gabion-canary-result", "-n", TestCluster.JOBS, "--ignore-not-found");
        cluster.kubectl(
                "create",
                "configmap",
                "gabion-canary-result",
                "-n",
                TestCluster.JOBS,
                "--from-literal=stdout=the canary sings");
        scale(0);
        try {
            Shell.Result answer =
                    cluster.tryHelm("test", TestCluster.RELEASE, "--namespace", TestCluster.SYSTEM, "--timeout", "6s");
            assertThat(answer.exitCode()).as(answer.output()).isNotZero();
        } finally {
            scale(2);
        }
        helmTest();
        cluster.kubectl("delete", "configmap", "gabion-canary-result", "-n", TestCluster.JOBS, "--ignore-not-found");
    }

    private Set<String> operators() {
        return cluster.operatorPods().stream()
                .map(pod -> pod.getMetadata().getUid())
                .collect(Collectors.toSet());
    }

    private void scale(int replicas) {
        cluster.kubectl("scale", "deployment/gabion-operator", "-n", TestCluster.SYSTEM, "--replicas=" + replicas);
        await("the operators are " + replicas)
                .atMost(Duration.ofMinutes(1))
                .until(() -> cluster.operatorPods().size() == replicas);
    }

    @Scenario(
            name =
                    "An uninstall under running jobs leaves nothing that hangs, and a new installation takes up what is there",
            steps = {
                "Apply jobs that run for minutes in three namespaces, the chart's among them, and one that runs for ten seconds",
                "Uninstall the release; delete one of the namespaces; apply a job while no operator is there",
                "Install the release again"
            },
            expected = {
                "The uninstall ends within 90 seconds; nothing of the chart is left but the definitions, not even its namespace",
                "No pod carries a finalizer, and the deleted namespace is gone within a minute",
                "Finished jobs keep their verdicts; the job that ended meanwhile gets its verdict by its one attempt; the one that"
                        + " waited runs to OK"
            })
    @Test
    @Order(4)
    @Timeout(600)
    void uninstallAndInstallAgain() {
        String minutes = JobYaml.python("import time; time.sleep(280)", "limits: {wallTimeMilliseconds: 300000}");
        Jobs left = Jobs.in(cluster.client(), TestCluster.JOBS);
        String here = Jobs.unique("e2e-left");
        left.apply(here, minutes);
        jobs.apply("long", minutes);
        jobs.apply("meanwhile", JobYaml.python("import time; time.sleep(10); print('meanwhile')"));
        try (Jobs doomed = new Jobs(cluster.client(), "doomed")) {
            doomed.apply("long", minutes);
            List.of(left.awaitRunningPod(here), jobs.awaitRunningPod("long"), doomed.awaitRunningPod("long"))
                    .forEach(
                            pod -> assertThat(pod.getMetadata().getFinalizers()).isNotEmpty());
            jobs.awaitRunningPod("meanwhile");

            Release.uninstall(cluster, Duration.ofSeconds(90));

            assertNothingIsLeft();
            cluster.kubectl("delete", "namespace", doomed.namespace(), "--timeout=60s");
        }
        assertThat(jobs.all().withName("through").require().getStatus().verdict())
                .isEqualTo(Verdict.OK);
        assertThat(jobs.all().withName("long").require().getStatus().verdict()).isNull();
        jobs.apply("patient", JobYaml.python("print('patient')"));

        Release.install(cluster);

        Jobs.assertVerdict(jobs.awaitEnd("patient"), Verdict.OK);
        SandboxJobStatus meanwhile = Jobs.assertVerdict(jobs.awaitEnd("meanwhile"), Verdict.OK);
        assertThat(Jobs.stdout(meanwhile)).isEqualTo("meanwhile\n");
        assertThat(meanwhile.attempts()).isEqualTo(1);
    }

    private void assertNothingIsLeft() {
        assertThat(cluster.client().resources(SandboxRuntime.class).list().getItems())
                .isEmpty();
        assertThat(cluster.client()
                        .rbac()
                        .clusterRoles()
                        .withLabel("app.kubernetes.io/name", "gabion")
                        .list()
                        .getItems())
                .isEmpty();
        assertThat(cluster.client().namespaces().withName(TestCluster.JOBS).get())
                .isNull();
        assertThat(cluster.operatorPods()).isEmpty();
        assertThat(cluster.client()
                        .pods()
                        .inAnyNamespace()
                        .withLabel("gabion.dev/job")
                        .list()
                        .getItems())
                .isNotEmpty()
                .allMatch(pod -> pod.getMetadata().getFinalizers().isEmpty());
    }
}
