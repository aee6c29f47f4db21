// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gabion.api.v1alpha1.Output;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.e2e.harness.JobYaml;
import dev.gabion.e2e.harness.Jobs;
import dev.gabion.e2e.harness.OnCluster;
import dev.gabion.e2e.harness.RunnerProcess;
import dev.gabion.e2e.harness.Runtimes;
import dev.gabion.e2e.harness.Scenario;
import dev.gabion.e2e.harness.TestCluster;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Pods and runners that die under a job, and what keeps a pod from being made. Side by side: no one touches another's job. */
@Order(40)
@OnCluster
class FaultsE2E {
    private final TestCluster cluster;
    private final Jobs jobs;

    FaultsE2E(TestCluster cluster, Jobs jobs) {
        this.cluster = cluster;
        this.jobs = jobs;
    }

    @Scenario(
            name = "A pod deleted under a job costs an attempt, not the job",
            steps = {"Apply a job that sleeps for six seconds", "When its pod runs, delete the pod at once"},
            expected = {"OK in the second attempt; the record of the first says PodDeleted"})
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    @Order(1)
    void podDeleted() {
        jobs.apply("pod-deleted", Jobs.SURVIVOR);
        Pod pod = jobs.awaitRunningPod("pod-deleted");

        cluster.kubectl(
                "delete",
                "pod",
                pod.getMetadata().getName(),
                "-n",
                jobs.namespace(),
                "--grace-period=0",
                "--force",
                "--wait=false");

        Jobs.assertSurvived(jobs.awaitEnd("pod-deleted"), "PodDeleted");
    }

    @Scenario(
            name = "A runner killed under a job costs an attempt, not the job",
            steps = {
                "Apply a job that sleeps for six seconds",
                "When its pod runs, kill the runner's process on the node"
            },
            expected = {"OK in the second attempt; the record of the first says RunnerKilled"})
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    @Order(2)
    void runnerKilled() {
        jobs.apply("runner-killed", Jobs.SURVIVOR);

        new RunnerProcess(cluster, jobs.awaitRunningPod("runner-killed")).kill();

        Jobs.assertSurvived(jobs.awaitEnd("runner-killed"), "RunnerKilled");
    }

    @Scenario(
            name = "A pod evicted under a job costs an attempt, not the job",
            steps = {"Apply a job that sleeps for six seconds", "When its pod runs, evict it by the Eviction API"},
            expected = {"OK in the second attempt; the record of the first says Evicted"})
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    @Order(3)
    void evicted() {
        jobs.apply("evicted", Jobs.SURVIVOR);
        Pod pod = jobs.awaitRunningPod("evicted");

        assertThat(cluster.client()
                        .pods()
                        .inNamespace(jobs.namespace())
                        .withName(pod.getMetadata().getName())
                        .evict())
                .as("the API server accepts the eviction")
                .isTrue();

        Jobs.assertSurvived(jobs.awaitEnd("evicted"), "Evicted");
    }

    @Scenario(
            name = "A pod that the kernel ends for lack of memory is its guest's MemoryExceeded, not an attempt more",
            steps = {
                "Apply a job that says a word and sleeps",
                "When the word is in the log, stop the runner, so that it cannot act first, and fill the pod's memory cgroup from the"
                        + " node: the kernel kills the guest, and the runner with it"
            },
            expected = {
                "The kubelet reports the container as OOMKilled",
                "MemoryExceeded with one attempt; the first reason names limits.memory",
                "The status says that the end of the log is missing; the word is still in what is there of it"
            })
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    @Order(4)
    void outOfMemory() {
        jobs.apply(
                "out-of-memory",
                JobYaml.python("import time\nprint('alive', flush=True)\ntime.sleep(25)\nprint('survived')"));
        Pod pod = jobs.awaitRunningPod("out-of-memory");
        jobs.awaitLog(pod, "alive");

        new RunnerProcess(cluster, pod).fillMemory();

        SandboxJob ended = jobs.awaitEnd("out-of-memory");
        assertThat(jobs.podsOf("out-of-memory")).singleElement().satisfies(left -> assertThat(left.getStatus()
                        .getContainerStatuses()
                        .getFirst()
                        .getState()
                        .getTerminated()
                        .getReason())
                .isEqualTo("OOMKilled"));
        SandboxJobStatus status = Jobs.assertVerdict(ended, Verdict.MemoryExceeded);
        assertThat(status.attempts()).isEqualTo(1);
        assertThat(status.reasons().getFirst().limit()).isEqualTo("memory");
        assertThat(status.output())
                .extracting(Output::message)
                .asString()
                .contains("the end of the pod's log is missing");
        jobs.awaitLog(pod, "alive");
    }

    @Scenario(
            name = "An image that cannot be had ends the job in bounded time, with the image's name",
            steps = {"Make a runtime whose image does not exist", "Apply a job with maxAttempts: 1"},
            expected = {"InternalError; the reasons name the image"})
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    @Order(5)
    void imageMissing() {
        try (Runtimes runtimes = new Runtimes(cluster.client())) {
            runtimes.copyOfPython("e2e-no-image", spec -> spec.image("localhost/gabion/runner-none:0.0.0"));

            SandboxJob job = jobs.run("no-image", JobYaml.pythonBy("e2e-no-image", "print(1)", "maxAttempts: 1"));

            SandboxJobStatus status = Jobs.assertVerdict(job, Verdict.InternalError);
            assertThat(status.reasons())
                    .anySatisfy(reason -> assertThat(reason.message()).contains("localhost/gabion/runner-none:0.0.0"));
        }
    }

    @Scenario(
            name = "A quota that refuses the pod makes the job wait, visibly, and it runs when there is room",
            steps = {
                "Create a ResourceQuota of no pod in a namespace of its own",
                "Apply a job and wait for the condition that tells of the quota",
                "Delete the quota"
            },
            expected = {"No attempt is spent while waiting", "OK with one attempt afterwards"})
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    @Order(6)
    void quotaRefused() {
        try (Jobs narrow = new Jobs(cluster.client(), "quota")) {
            cluster.kubectl("create", "quota", "none", "-n", narrow.namespace(), "--hard=pods=0");
            await("the quota is in force").atMost(Duration.ofSeconds(30)).until(() -> cluster.kubectl(
                            "get", "quota", "none", "-n", narrow.namespace(), "-o", "jsonpath={.status.hard.pods}")
                    .equals("0"));

            narrow.apply("squeezed", JobYaml.python("print('room at last')"));
            narrow.awaitReason("squeezed", "QuotaExceeded", "quota");
            cluster.kubectl("delete", "quota", "none", "-n", narrow.namespace());

            SandboxJobStatus status = Jobs.assertVerdict(narrow.awaitEnd("squeezed"), Verdict.OK);
            assertThat(status.attempts()).isEqualTo(1);
        }
    }
}
