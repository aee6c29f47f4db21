// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gabion.api.v1alpha1.AttemptRecord;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.e2e.harness.Jobs;
import dev.gabion.e2e.harness.OnCluster;
import dev.gabion.e2e.harness.Runtimes;
import dev.gabion.e2e.harness.Scenario;
import dev.gabion.e2e.harness.TestCluster;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Pods, runners, operators and nodes that die under a job. */
@Order(40)
@OnCluster
class FaultsE2E {
    /** Long enough to be hit while it runs, short enough to be tried again. */
    private static final String SIX_SECONDS = "import time; time.sleep(6); print('survived')";

    private final TestCluster cluster;
    private final Jobs jobs;

    FaultsE2E(TestCluster cluster, Jobs jobs) {
        this.cluster = cluster;
        this.jobs = jobs;
    }

    @Scenario(
            name = "A pod deleted under a job costs an attempt, not the job",
            steps = {"Apply a job that sleeps for six seconds", "When its pod runs, delete the pod at once"},
            expected = {"OK in the second attempt; the record of the first says why it ended"})
    @Test
    @Order(1)
    void podDeleted() {
        jobs.apply("pod-deleted", Jobs.python(SIX_SECONDS));
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

        assertSecondAttempt(jobs.awaitEnd("pod-deleted"));
    }

    @Scenario(
            name = "A runner killed under a job costs an attempt, not the job",
            steps = {
                "Apply a job that sleeps for six seconds",
                "When its pod runs, kill the runner's process on the node"
            },
            expected = {"OK in the second attempt; the record of the first says why it ended"})
    @Test
    @Order(2)
    void runnerKilled() {
        jobs.apply("runner-killed", Jobs.python(SIX_SECONDS));
        Pod pod = jobs.awaitRunningPod("runner-killed");

        String uid = pod.getMetadata().getUid();
        cluster.onNode(
                pod.getSpec().getNodeName(),
                "sh",
                "-c",
                "for p in $(grep -lE 'pod" + uid.replace("-", "[-_]")
                        + "' /proc/[0-9]*/cgroup | cut -d/ -f3); do"
                        + " case $(tr '\\0' ' ' < /proc/$p/cmdline) in *runner*) kill -KILL $p;; esac; done");

        assertSecondAttempt(jobs.awaitEnd("runner-killed"));
    }

    private static void assertSecondAttempt(SandboxJob job) {
        SandboxJobStatus status = Jobs.assertVerdict(job, Verdict.OK);
        assertThat(Jobs.stdout(status)).contains("survived");
        assertThat(status.attempts()).isEqualTo(2);
        AttemptRecord first = status.attemptRecords().getFirst();
        assertThat(first.number()).isEqualTo(1);
        assertThat(first.outcome()).isNotEqualTo("Finished").isNotBlank();
        assertThat(status.attemptRecords().getLast().outcome()).isEqualTo("Finished");
    }

    @Scenario(
            name = "The operator's leader killed under running jobs loses none and starts none twice",
            steps = {
                "Apply eight jobs that sleep for six seconds",
                "When the first runs, delete the leading replica's pod without grace"
            },
            expected = {"All eight are OK with one attempt each", "Another replica holds the lease"})
    @Test
    @Order(3)
    void leaderKilled() {
        for (int i = 0; i < 8; i++) {
            jobs.apply("orphan-" + i, Jobs.python(SIX_SECONDS));
        }
        jobs.awaitRunningPod("orphan-0");
        String leader = leader();

        cluster.kubectl(
                "delete", "pod", leader, "-n", TestCluster.SYSTEM, "--grace-period=0", "--force", "--wait=false");

        for (int i = 0; i < 8; i++) {
            SandboxJobStatus status = Jobs.assertVerdict(jobs.awaitEnd("orphan-" + i), Verdict.OK);
            assertThat(status.attempts()).isEqualTo(1);
        }
        assertThat(leader()).isNotEqualTo(leader);
        cluster.kubectl("rollout", "status", "deployment/gabion-operator", "-n", TestCluster.SYSTEM, "--timeout=120s");
    }

    private String leader() {
        List<Lease> leases =
                cluster.client().leases().inNamespace(TestCluster.SYSTEM).list().getItems();
        return leases.stream()
                .map(lease -> lease.getSpec().getHolderIdentity())
                .filter(holder -> holder != null && holder.startsWith("gabion-operator-"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("nobody leads: " + leases));
    }

    @Scenario(
            name = "An image that cannot be had ends the job in bounded time, with the image's name",
            steps = {"Make a runtime whose image does not exist", "Apply a job with maxAttempts: 1"},
            expected = {"InternalError; the reasons name the image"})
    @Test
    @Order(4)
    void imageMissing() {
        try (Runtimes runtimes = new Runtimes(cluster.client())) {
            runtimes.copyOfPython("e2e-no-image", spec -> spec.image("localhost/gabion/runner-none:0.0.0"));

            SandboxJob job = jobs.run(
                    "no-image",
                    Jobs.python("print(1)", "maxAttempts: 1").replace("runtime: python", "runtime: e2e-no-image"));

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
    @Order(5)
    void quotaRefused() {
        try (Jobs narrow = new Jobs(cluster.client(), "quota")) {
            cluster.kubectl("create", "quota", "none", "-n", narrow.namespace(), "--hard=pods=0");
            await("the quota is in force").atMost(Duration.ofSeconds(30)).until(() -> cluster.kubectl(
                            "get", "quota", "none", "-n", narrow.namespace(), "-o", "jsonpath={.status.hard.pods}")
                    .equals("0"));

            narrow.apply("squeezed", Jobs.python("print('room at last')"));
            narrow.await(
                    "squeezed",
                    Duration.ofSeconds(60),
                    job -> job.getStatus() != null
                            && job.getStatus().conditions().stream()
                                    .anyMatch(condition -> condition.getMessage() != null
                                            && condition.getMessage().contains("quota")));
            cluster.kubectl("delete", "quota", "none", "-n", narrow.namespace());

            SandboxJobStatus status = Jobs.assertVerdict(narrow.awaitEnd("squeezed"), Verdict.OK);
            assertThat(status.attempts()).isEqualTo(1);
        }
    }

    @Scenario(
            name = "A node that stops answering loses its jobs to the other nodes in bounded time",
            steps = {
                "Apply a job that sleeps for six seconds and find its node",
                "Stop the node's kubelet while the job runs; the guest itself ends unheard",
                "Afterwards start the kubelet again"
            },
            expected = {
                "OK within three minutes, in a second attempt on another node, though the first pod cannot be deleted",
                "When the node is back the first attempt's late result changes nothing and its pod goes away"
            })
    @Test
    @Order(6)
    void nodeLost() {
        jobs.apply("stranded", Jobs.python("import time; time.sleep(20); print('survived')"));
        Pod pod = jobs.awaitRunningPod("stranded");
        String node = pod.getSpec().getNodeName();
        SandboxJob ended;

        cluster.onNode(node, "systemctl", "stop", "kubelet");
        try {
            ended = jobs.await("stranded", Duration.ofMinutes(4), Jobs::hasEnded);
        } finally {
            cluster.onNode(node, "systemctl", "start", "kubelet");
        }

        assertSecondAttempt(ended);
        assertThat(ended.getStatus().attemptRecords().getLast().nodeName()).isNotEqualTo(node);
        await("the node is back")
                .atMost(Duration.ofMinutes(2))
                .until(() -> TestCluster.isReady(
                        cluster.client().nodes().withName(node).require()));
        await("the first pod is gone").atMost(Duration.ofMinutes(2)).until(() -> jobs.podsOf("stranded").stream()
                .noneMatch(left ->
                        left.getMetadata().getUid().equals(pod.getMetadata().getUid())));
        assertThat(jobs.all().withName("stranded").require().getStatus()).isEqualTo(ended.getStatus());
    }
}
