// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gabion.api.v1alpha1.AttemptRecord;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.e2e.harness.JobYaml;
import dev.gabion.e2e.harness.Jobs;
import dev.gabion.e2e.harness.OnCluster;
import dev.gabion.e2e.harness.Scenario;
import dev.gabion.e2e.harness.TestCluster;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Nodes that are taken away from under a job, by intent or not. One after the other: each takes one of the two workers. */
@Order(42)
@OnCluster
class NodesE2E {
    private static final String PRIORITY = "e2e-more-important";
    private static final String TAINT = "gabion.dev/e2e";

    private final TestCluster cluster;
    private final Jobs jobs;

    NodesE2E(TestCluster cluster, Jobs jobs) {
        this.cluster = cluster;
        this.jobs = jobs;
    }

    /** Every node takes pods again, whatever failed. */
    @AfterAll
    void takeBack() {
        for (String node : cluster.workers()) {
            cluster.kubectl("uncordon", node);
            cluster.tryKubectl("taint", "node", node, TAINT + ":NoExecute-");
        }
        cluster.client().scheduling().v1().priorityClasses().withName(PRIORITY).delete();
    }

    @Scenario(
            name = "A node that is drained gives its jobs to the other nodes",
            steps = {
                "Apply a job that sleeps for six seconds and find its node",
                "kubectl drain the node, for the pods of this job; afterwards uncordon it"
            },
            expected = {
                "The drain ends: no finalizer holds it up",
                "OK in the second attempt on another node; the record of the first says Evicted"
            })
    @Test
    @Order(1)
    void nodeDrained() {
        jobs.apply("drained", Jobs.SURVIVOR);
        String node = jobs.awaitRunningPod("drained").getSpec().getNodeName();

        cluster.kubectl(
                "drain",
                node,
                "--pod-selector=gabion.dev/job=drained",
                "--delete-emptydir-data",
                "--ignore-daemonsets",
                "--timeout=60s");
        SandboxJob ended = jobs.awaitEnd("drained");
        cluster.kubectl("uncordon", node);

        Jobs.assertSurvived(ended, "Evicted");
        assertMovedFrom(node, ended);
    }

    @Scenario(
            name = "A node that is tainted NoExecute gives its jobs to the other nodes",
            steps = {
                "Apply a job that sleeps for six seconds and find its node",
                "Put a NoExecute taint on the node, which also ends the operator's replica there; afterwards take it off"
            },
            expected = {
                "OK in the second attempt on another node; the record of the first says Evicted: the node was there and"
                        + " confirmed the end"
            })
    @Test
    @Order(2)
    void nodeTainted() {
        jobs.apply("tainted", Jobs.SURVIVOR);
        String node = jobs.awaitRunningPod("tainted").getSpec().getNodeName();

        cluster.kubectl("taint", "node", node, TAINT + "=out:NoExecute");
        SandboxJob ended = jobs.awaitEnd("tainted");
        cluster.kubectl("taint", "node", node, TAINT + ":NoExecute-");

        Jobs.assertSurvived(ended, "Evicted");
        assertMovedFrom(node, ended);
        cluster.kubectl("rollout", "status", "deployment/gabion-operator", "-n", TestCluster.SYSTEM, "--timeout=120s");
    }

    @Scenario(
            name = "A pod that gives way to a more important one costs an attempt, not the job",
            steps = {
                "Apply a job that sleeps for six seconds and find its node",
                "Create there a pod of a higher PriorityClass that needs a little more memory than the node has left"
            },
            expected = {
                "The scheduler ends the job's pod for it",
                "OK in the second attempt; the record of the first says Preempted"
            })
    @Test
    @Order(3)
    void preempted() {
        cluster.client()
                .resource(new PriorityClassBuilder()
                        .withNewMetadata()
                        .withName(PRIORITY)
                        .endMetadata()
                        .withValue(1_000_000)
                        .withGlobalDefault(false)
                        .build())
                .serverSideApply();
        jobs.apply(
                "preempted",
                JobYaml.python("import time; time.sleep(6); print('survived')", "limits: {memory: 512Mi}"));
        Pod victim = jobs.awaitRunningPod("preempted");
        String node = victim.getSpec().getNodeName();
        Pod important = cluster.client()
                .resource(important(node, memoryLeft(node) + (64 << 20)))
                .inNamespace(jobs.namespace())
                .create();

        SandboxJob ended = jobs.awaitEnd("preempted");
        cluster.client().resource(important).withGracePeriod(0).delete();

        Jobs.assertSurvived(ended, "Preempted");
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
    @Order(4)
    void nodeLost() {
        jobs.apply("stranded", JobYaml.python("import time; time.sleep(20); print('survived')"));
        Pod pod = jobs.awaitRunningPod("stranded");
        String node = pod.getSpec().getNodeName();
        SandboxJob ended;

        cluster.onNode(node, "systemctl", "stop", "kubelet");
        try {
            ended = jobs.await("stranded", Duration.ofMinutes(4), Jobs::hasEnded);
        } finally {
            cluster.onNode(node, "systemctl", "start", "kubelet");
        }

        Jobs.assertSurvived(ended, "NodeLost");
        assertMovedFrom(node, ended);
        await("the node is back")
                .atMost(Duration.ofMinutes(2))
                .until(() -> TestCluster.isReady(
                        cluster.client().nodes().withName(node).require()));
        await("the first pod is gone").atMost(Duration.ofMinutes(2)).until(() -> jobs.podsOf("stranded").stream()
                .noneMatch(left ->
                        left.getMetadata().getUid().equals(pod.getMetadata().getUid())));
        assertThat(jobs.all().withName("stranded").require().getStatus()).isEqualTo(ended.getStatus());
    }

    private static void assertMovedFrom(String node, SandboxJob ended) {
        assertThat(ended.getStatus().attemptRecords())
                .extracting(AttemptRecord::nodeName)
                .first()
                .isEqualTo(node);
        assertThat(ended.getStatus().attemptRecords())
                .extracting(AttemptRecord::nodeName)
                .last()
                .isNotEqualTo(node);
    }

    /** Bytes of memory that the scheduler can still give away on the node. */
    private long memoryLeft(String name) {
        Node node = cluster.client().nodes().withName(name).require();
        long asked =
                cluster.client().pods().inAnyNamespace().withField("spec.nodeName", name).list().getItems().stream()
                        .filter(pod -> !pod.getStatus().getPhase().equals("Succeeded")
                                && !pod.getStatus().getPhase().equals("Failed"))
                        .flatMap(pod -> pod.getSpec().getContainers().stream())
                        .mapToLong(container -> memory(container.getResources().getRequests()))
                        .sum();
        return memory(node.getStatus().getAllocatable()) - asked;
    }

    private static long memory(Map<String, Quantity> amounts) {
        return Quantity.getAmountInBytes(amounts.getOrDefault("memory", new Quantity("0")))
                .longValue();
    }

    /** It asks for the memory and uses none of it. */
    private Pod important(String node, long memory) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("important")
                .endMetadata()
                .withNewSpec()
                .withPriorityClassName(PRIORITY)
                .withNodeSelector(Map.of("kubernetes.io/hostname", node))
                .withTerminationGracePeriodSeconds(0L)
                .withAutomountServiceAccountToken(false)
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(65532L)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .addNewContainer()
                .withName("important")
                .withImage(cluster.operatorImage())
                .withCommand("/usr/bin/busybox", "sleep", "600")
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .withNewResources()
                .withRequests(Map.of("memory", new Quantity(Long.toString(memory))))
                .endResources()
                .endContainer()
                .endSpec()
                .build();
    }
}
