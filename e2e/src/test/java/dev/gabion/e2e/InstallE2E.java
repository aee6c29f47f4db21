// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.e2e.harness.JobYaml;
import dev.gabion.e2e.harness.Jobs;
import dev.gabion.e2e.harness.OnCluster;
import dev.gabion.e2e.harness.Release;
import dev.gabion.e2e.harness.Scenario;
import dev.gabion.e2e.harness.TestCluster;
import java.time.Duration;
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
    @Order(2)
    void upgrade() {
        SandboxJob finished = jobs.run("finished", JobYaml.python("print('before')"));
        jobs.apply("through", JobYaml.python("import time; time.sleep(15); print('through')"));
        jobs.awaitRunningPod("through");

        Release.install(cluster, "operator.maxRunningJobsPerNamespace=21");

        assertThat(Jobs.assertVerdict(jobs.awaitEnd("through"), Verdict.OK).attempts())
                .isEqualTo(1);
        assertThat(jobs.all().withName("finished").require().getMetadata().getResourceVersion())
                .isEqualTo(finished.getMetadata().getResourceVersion());
    }

    @Scenario(
            name = "After an uninstall the results are still there, and a new installation takes the waiting jobs up",
            steps = {"Uninstall the release", "Apply a job while no operator is there", "Install the release again"},
            expected = {
                "Nothing of the chart is left but the definitions; finished jobs keep their verdicts",
                "The job that waited runs to OK"
            })
    @Test
    @Order(3)
    @Timeout(600)
    void uninstallAndInstallAgain() {
        Release.uninstall(cluster);

        assertThat(cluster.client().resources(SandboxRuntime.class).list().getItems())
                .isEmpty();
        assertThat(cluster.client()
                        .rbac()
                        .clusterRoles()
                        .withLabel("app.kubernetes.io/name", "gabion")
                        .list()
                        .getItems())
                .isEmpty();
        await("the operator's pods are gone").atMost(Duration.ofMinutes(1)).until(() -> cluster.operatorPods()
                .isEmpty());
        assertThat(jobs.all().withName("through").require().getStatus().verdict())
                .isEqualTo(Verdict.OK);
        jobs.apply("patient", JobYaml.python("print('patient')"));

        Release.install(cluster);

        Jobs.assertVerdict(jobs.awaitEnd("patient"), Verdict.OK);
    }
}
