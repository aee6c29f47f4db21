// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.e2e.harness.JobYaml;
import dev.gabion.e2e.harness.Jobs;
import dev.gabion.e2e.harness.NetworkCut;
import dev.gabion.e2e.harness.OnCluster;
import dev.gabion.e2e.harness.Runtimes;
import dev.gabion.e2e.harness.Scenario;
import dev.gabion.e2e.harness.TestCluster;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** What the walls around a guest are, as their probes found them from inside. */
@Order(20)
@OnCluster
class AttestationE2E {
    private final TestCluster cluster;
    private final Jobs jobs;

    AttestationE2E(TestCluster cluster, Jobs jobs) {
        this.cluster = cluster;
        this.jobs = jobs;
    }

    @Scenario(
            name = "In a namespace that enforces Pod Security restricted every wall stands and is reported",
            steps = {
                "Create a namespace with pod-security.kubernetes.io/enforce: restricted",
                "Run a job that prints a line"
            },
            expected = {
                "OK, and the pod was admitted as it is: hostUsers false, no token, a Localhost seccomp profile, drop ALL",
                "User, pid, mount, network, ipc and uts namespace, read-only root, no new privileges, no capabilities, both"
                        + " seccomp filters, resource limits, no interface, no token, the uid map are each Present",
                "NetworkPolicy is NotEnforced on the harness's network and Enforced on kind's own"
            })
    @Test
    @Order(1)
    void everyWallStands() {
        SandboxJobStatus status = Jobs.assertVerdict(jobs.run("walls", JobYaml.python("print('inside')")), Verdict.OK);

        for (ControlName name : List.of(
                ControlName.UserNamespace,
                ControlName.PidNamespace,
                ControlName.MountNamespace,
                ControlName.NetworkNamespace,
                ControlName.IpcNamespace,
                ControlName.UtsNamespace,
                ControlName.ReadOnlyRoot,
                ControlName.NoNewPrivileges,
                ControlName.NoCapabilities,
                ControlName.Seccomp,
                ControlName.PodSeccomp,
                ControlName.ResourceLimits,
                ControlName.NoNetworkInterface,
                ControlName.NoServiceAccountToken,
                ControlName.UidMap)) {
            assertThat(Jobs.control(status, name).state())
                    .as(() -> name + " of " + status.controls())
                    .isEqualTo(ControlState.Present);
        }
        assertThat(Jobs.control(status, ControlName.NetworkPolicy).state())
                .isEqualTo(cluster.ignoresNetworkPolicies() ? ControlState.NotEnforced : ControlState.Enforced);
    }

    @Scenario(
            name = "The pod of a job carries every restriction and no right",
            steps = {"Run a job that sleeps for three seconds", "Read its pod and the namespace's network policies"},
            expected = {
                "hostUsers false, no service-account token, no service links, never restarted, non-root, read-only root,"
                        + " drop ALL, no privilege escalation, Localhost profile gabion/runner.json, memory limited",
                "A network policy that selects the pod and allows nothing, in or out"
            })
    @Test
    @Order(2)
    void podIsRestricted() {
        jobs.apply("sleeps", JobYaml.python("import time; time.sleep(3)"));
        Pod pod = jobs.awaitRunningPod("sleeps");

        assertThat(pod.getSpec().getHostUsers()).isFalse();
        assertThat(pod.getSpec().getAutomountServiceAccountToken()).isFalse();
        assertThat(pod.getSpec().getEnableServiceLinks()).isFalse();
        assertThat(pod.getSpec().getRestartPolicy()).isEqualTo("Never");
        Container runner = pod.getSpec().getContainers().getFirst();
        assertThat(pod.getSpec().getContainers()).hasSize(1);
        assertThat(runner.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(runner.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(runner.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(runner.getSecurityContext().getCapabilities().getAdd()).isEmpty();
        assertThat(runner.getResources().getLimits()).containsKey("memory");
        assertThat(List.of(
                        pod.getSpec().getSecurityContext().getSeccompProfile() == null
                                ? runner.getSecurityContext()
                                        .getSeccompProfile()
                                        .getLocalhostProfile()
                                : pod.getSpec()
                                        .getSecurityContext()
                                        .getSeccompProfile()
                                        .getLocalhostProfile()))
                .containsExactly("gabion/runner.json");

        List<NetworkPolicy> policies = cluster.client()
                .network()
                .v1()
                .networkPolicies()
                .inNamespace(jobs.namespace())
                .list()
                .getItems();
        assertThat(policies).anySatisfy(policy -> {
            assertThat(policy.getSpec().getPolicyTypes()).containsExactlyInAnyOrder("Ingress", "Egress");
            assertThat(policy.getSpec().getIngress()).isEmpty();
            assertThat(policy.getSpec().getEgress()).isEmpty();
        });
        Jobs.assertVerdict(jobs.awaitEnd("sleeps"), Verdict.OK);
    }

    @Scenario(
            name = "Where the node drops the pod's packets, NetworkPolicy is reported as Enforced",
            steps = {
                "Take a copy of the python runtime that is bound to one worker",
                "Drop, on that worker, every packet forwarded from a pod that was not there before",
                "Run a job, then take the rule away"
            },
            expected = {"OK, and the control NetworkPolicy is Enforced; NoApiServer is Present"})
    @Test
    @Order(3)
    void enforcedWhereTheNodeDropsPackets() {
        String worker = cluster.workers().getFirst();
        try (Runtimes runtimes = new Runtimes(cluster.client());
                NetworkCut cut = new NetworkCut(cluster, worker)) {
            runtimes.copyOfPython("e2e-cut", spec -> spec.nodeSelector(cut.selector()));

            SandboxJobStatus status =
                    Jobs.assertVerdict(jobs.run("cut-off", JobYaml.pythonBy("e2e-cut", "print('alone')")), Verdict.OK);

            assertThat(Jobs.control(status, ControlName.NetworkPolicy).state()).isEqualTo(ControlState.Enforced);
            assertThat(Jobs.control(status, ControlName.NoApiServer).state()).isEqualTo(ControlState.Present);
        }
    }

    @Scenario(
            name = "A required control that is absent fails the job before the guest runs",
            steps = {
                "Take a copy of the python runtime that requires the control NetworkPolicy",
                "Run a job on the harness's network, which enforces none"
            },
            expected = {"InternalError; a reason names NetworkPolicy; the guest printed nothing"})
    @Test
    @Order(4)
    void requiredControlAbsent() {
        Assumptions.assumeTrue(
                cluster.ignoresNetworkPolicies(), "this cluster enforces network policies: the control is not absent");
        try (Runtimes runtimes = new Runtimes(cluster.client())) {
            runtimes.copyOfPython("e2e-strict", spec -> spec.requiredControls(List.of(ControlName.NetworkPolicy)));

            SandboxJobStatus status = Jobs.assertVerdict(
                    jobs.run("strict", JobYaml.pythonBy("e2e-strict", "print('must not run')", "maxAttempts: 1")),
                    Verdict.InternalError);

            assertThat(status.reasons())
                    .anySatisfy(reason -> assertThat(reason.toString()).contains("NetworkPolicy"));
            assertThat(Jobs.stdout(status)).doesNotContain("must not run");
        }
    }
}
