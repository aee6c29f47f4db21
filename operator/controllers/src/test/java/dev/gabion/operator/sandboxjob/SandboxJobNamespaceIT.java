// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gabion.api.testing.LocalApiServer;
import dev.gabion.api.testing.LocalApiServerExtension;
import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Verdict;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the operator does about the namespace of jobs: its Pod Security level is told, its network policy is kept. */
@ExtendWith(LocalApiServerExtension.class)
class SandboxJobNamespaceIT {
    private static final String POLICIES = "/networkpolicies/";

    private OperatorHarness cluster;

    @BeforeEach
    void cluster(LocalApiServer server) {
        cluster = new OperatorHarness(server);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void saysWhatANamespaceLacksAndWritesNoMoreForIt() {
        // Given
        cluster.start();
        int usual = statusWrites("ready");
        cluster.enforce(null);
        awaitForgotten();

        // When
        int writes = statusWrites("unready");

        // Then
        Condition said = ready("unready");
        assertThat(said.getStatus()).isEqualTo("False");
        assertThat(said.getReason()).isEqualTo(Reasons.POD_SECURITY_NOT_ENFORCED);
        assertThat(said.getMessage())
                .contains(
                        "namespace %s has no label %s".formatted(cluster.namespace, PodSecurity.LABEL),
                        "kubectl label --overwrite namespace %s %s=restricted"
                                .formatted(cluster.namespace, PodSecurity.LABEL));
        assertThat(ready("ready").getStatus()).isEqualTo("True");
        assertThat(writes).isEqualTo(usual);

        // When what was said is done
        cluster.writes.clear();
        cluster.enforce("restricted");
        awaitForgotten();
        statusWrites("cured");

        // Then the next job says so, and the one that is over is left alone
        assertThat(ready("cured").getReason()).isEqualTo(Reasons.POD_SECURITY_ENFORCED);
        assertThat(cluster.writesTo("/unready/")).isEmpty();
        assertThat(ready("unready")).isEqualTo(said);
    }

    @Test
    void aWaitingJobFollowsItsNamespace() {
        // Given
        cluster.enforce("baseline");
        cluster.start();
        SandboxJob job = cluster.create("waiting", spec -> spec.suspend(true));
        awaitReady(job, Reasons.POD_SECURITY_NOT_ENFORCED);

        // When
        cluster.enforce("restricted");

        // Then
        awaitReady(job, Reasons.POD_SECURITY_ENFORCED);
    }

    @Test
    void takesAwayWhatSomebodyAddsToTheNetworkPolicy() {
        // Given three jobs, each of which hears of it
        cluster.start();
        List<SandboxJob> jobs =
                IntStream.range(0, 3).mapToObj(i -> running("guarded-" + i)).toList();
        NetworkPolicy ours = policy().require();
        cluster.writes.clear();

        // When
        policy().edit(current -> new NetworkPolicyBuilder(current)
                .editSpec()
                .addNewEgress()
                .addNewTo()
                .withNewIpBlock()
                .withCidr("0.0.0.0/0")
                .endIpBlock()
                .endTo()
                .endEgress()
                .editPodSelector()
                .addToMatchLabels("but", "not-ours")
                .endPodSelector()
                .endSpec()
                .build());

        // Then one of them writes, once
        await().untilAsserted(() -> assertThat(policy().require().getSpec()).isEqualTo(ours.getSpec()));
        await().during(Duration.ofSeconds(1))
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(cluster.writes).hasSize(1));
        assertThat(cluster.writesTo(POLICIES)).hasSize(1);
        assertThat(policy().require().getMetadata().getUid())
                .isEqualTo(ours.getMetadata().getUid());
        assertThat(jobs)
                .allSatisfy(job -> assertThat(cluster.status(job).attempts()).isEqualTo(1));
    }

    @Test
    void leavesAloneWhatChangesNoRule() {
        // Given
        cluster.start();
        running("guarded");
        cluster.writes.clear();

        // When
        policy().edit(current -> new NetworkPolicyBuilder(current)
                .editMetadata()
                .addToAnnotations("team", "a")
                .addToLabels("team", "a")
                .endMetadata()
                .build());

        // Then
        await().during(Duration.ofSeconds(2))
                .atMost(Duration.ofSeconds(4))
                .untilAsserted(() -> assertThat(cluster.writes).isEmpty());
    }

    @Test
    void aPolicyOfOurNameThatAllowsIsMadeToDenyBeforeAPodIsMade() {
        // Given
        cluster.admin
                .resource(new NetworkPolicyBuilder()
                        .withNewMetadata()
                        .withName(NetworkPolicyRenderer.NAME)
                        .withNamespace(cluster.namespace)
                        .endMetadata()
                        .withNewSpec()
                        .withNewPodSelector()
                        .endPodSelector()
                        .withPolicyTypes("Ingress", "Egress")
                        .addNewEgress()
                        .endEgress()
                        .addNewIngress()
                        .endIngress()
                        .endSpec()
                        .build())
                .create();
        cluster.start();

        // When
        SandboxJob job = cluster.create("careful");
        cluster.awaitPod(job, 1);

        // Then
        assertThat(policy().require().getSpec())
                .isEqualTo(NetworkPolicyRenderer.desired(cluster.namespace).getSpec());
        assertThat(policy().require().getMetadata().getLabels()).containsEntry(Labels.COMPONENT, Labels.RUNNER);
    }

    @Test
    void whoInsistsOnOtherRulesMakesNoStreamOfWrites() {
        // Given
        cluster.start();
        running("guarded");
        cluster.writes.clear();

        // When somebody writes again at once
        allowAll();
        await().untilAsserted(() -> assertThat(rules()).isEmpty());
        allowAll();

        // Then it is taken away again, but only after a pause
        await().during(DefaultDeny.PAUSE.dividedBy(2))
                .atMost(DefaultDeny.PAUSE)
                .untilAsserted(() -> assertThat(cluster.writesTo(POLICIES)).hasSize(1));
        await().atMost(DefaultDeny.PAUSE.plusSeconds(10))
                .untilAsserted(() -> assertThat(rules()).isEmpty());
        assertThat(cluster.writesTo(POLICIES)).hasSize(2);
    }

    private void allowAll() {
        policy().edit(current -> new NetworkPolicyBuilder(current)
                .editSpec()
                .addNewEgress()
                .endEgress()
                .endSpec()
                .build());
    }

    private List<NetworkPolicyEgressRule> rules() {
        return policy().require().getSpec().getEgress();
    }

    private int statusWrites(String name) {
        SandboxJob job = running(name);
        Pod pod = cluster.awaitPod(job, 1);
        cluster.kubelet.finish(pod, FakeKubelet.result(job.getMetadata().getUid(), 1, Verdict.OK, 0));
        cluster.awaitStatus(job, status -> status.verdict() != null);
        return cluster.writesTo("/sandboxjobs/" + name + "/status").size();
    }

    private SandboxJob running(String name) {
        SandboxJob job = cluster.create(name);
        cluster.kubelet.run(cluster.awaitPod(job, 1));
        cluster.awaitReason(job, ConditionTypes.COMPLETE, Reasons.RUNNING);
        return job;
    }

    /** A level is known for as long as GABION_JOBS_RECHECK_SECONDS, one second here; a job that waits sees it end. */
    private void awaitForgotten() {
        String level = cluster.admin
                .namespaces()
                .withName(cluster.namespace)
                .get()
                .getMetadata()
                .getLabels()
                .get(PodSecurity.LABEL);
        SandboxJob witness = cluster.create("witness-" + level, spec -> spec.suspend(true));
        awaitReady(witness, level == null ? Reasons.POD_SECURITY_NOT_ENFORCED : Reasons.POD_SECURITY_ENFORCED);
    }

    private void awaitReady(SandboxJob job, String reason) {
        cluster.awaitReason(job, ConditionTypes.NAMESPACE_READY, reason);
    }

    private Condition ready(String name) {
        SandboxJobStatus status = Observation.statusOf(cluster.admin
                .resources(SandboxJob.class)
                .inNamespace(cluster.namespace)
                .withName(name)
                .require());
        return Conditions.find(status, ConditionTypes.NAMESPACE_READY).orElseThrow();
    }

    private Resource<NetworkPolicy> policy() {
        return cluster.admin
                .network()
                .v1()
                .networkPolicies()
                .inNamespace(cluster.namespace)
                .withName(NetworkPolicyRenderer.NAME);
    }
}
