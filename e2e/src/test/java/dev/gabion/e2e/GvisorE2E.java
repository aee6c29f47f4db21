// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.e2e.harness.JobYaml;
import dev.gabion.e2e.harness.Jobs;
import dev.gabion.e2e.harness.OnCluster;
import dev.gabion.e2e.harness.Scenario;
import dev.gabion.e2e.harness.TestCluster;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Jobs whose pods run under another container runtime: gVisor on one worker (make cluster-gvisor). */
@Order(25)
@OnCluster
class GvisorE2E {
    private static final String UNDER_GVISOR = "isolation: {runtimeClassName: gvisor}";

    private final TestCluster cluster;
    private final Jobs jobs;

    GvisorE2E(TestCluster cluster, Jobs jobs) {
        this.cluster = cluster;
        this.jobs = jobs;
    }

    @Scenario(
            name = "Under gVisor the guest's kernel is gVisor's, and the controls are reported as that kernel has them",
            steps = {"Run a job with isolation.runtimeClassName: gvisor that prints the kernel's release and sleeps"},
            expected = {
                "The pod runs under the RuntimeClass, on the node that has it, without hostUsers",
                "OK, and the release printed is gVisor's",
                "The namespaces, read-only root, no new privileges, no capabilities, both seccomp filters and resource limits"
                        + " are Present; Seccomp says that a violation is not named",
                "Landlock is Absent, UidMap is NotApplicable, and NoNetworkInterface is Absent for the loopback alone"
            })
    @Test
    @Order(1)
    void theKernelIsGvisors() {
        assumeGvisor();
        jobs.apply(
                "kernel",
                JobYaml.python("import os, time\nprint(os.uname().release, flush=True)\ntime.sleep(3)", UNDER_GVISOR));
        Pod pod = jobs.awaitRunningPod("kernel");
        assertThat(pod.getSpec().getRuntimeClassName()).isEqualTo("gvisor");
        assertThat(pod.getSpec().getHostUsers()).isNull();
        assertThat(cluster.client()
                        .nodes()
                        .withName(pod.getSpec().getNodeName())
                        .get()
                        .getMetadata()
                        .getLabels())
                .containsEntry("gabion.dev/gvisor", "true");

        SandboxJobStatus status = Jobs.assertVerdict(jobs.awaitEnd("kernel"), Verdict.OK);

        assertThat(Jobs.stdout(status)).contains("gvisor");
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
                ControlName.NoServiceAccountToken)) {
            assertState(status, name, ControlState.Present);
        }
        assertThat(Jobs.control(status, ControlName.Seccomp).evidence()).contains("unnamed");
        assertState(status, ControlName.Landlock, ControlState.Absent);
        assertState(status, ControlName.UidMap, ControlState.NotApplicable);
        assertState(status, ControlName.NoNetworkInterface, ControlState.Absent);
        assertThat(Jobs.control(status, ControlName.NoNetworkInterface).evidence())
                .isEqualTo("up: lo");
    }

    @Scenario(
            name = "Under gVisor a forbidden system call ends the guest, though it cannot be named",
            steps = {"Run a job under gVisor that calls ptrace and then prints a line"},
            expected = {
                "SecurityViolation; the reason says that this kernel does not name the call; nothing was printed"
            })
    @Test
    @Order(2)
    void aViolationEndsTheGuest() {
        assumeGvisor();

        SandboxJobStatus status = Jobs.assertVerdict(
                jobs.run(
                        "violates",
                        JobYaml.python(
                                "import ctypes\nctypes.CDLL(None).ptrace(0, 0, 0, 0)\nprint('went on')", UNDER_GVISOR)),
                Verdict.SecurityViolation);

        assertThat(status.reasons())
                .anySatisfy(reason -> assertThat(reason.message()).contains("does not name"));
        assertThat(Jobs.stdout(status)).doesNotContain("went on");
    }

    @Scenario(
            name = "A RuntimeClass that does not exist is named, and no pod is made",
            steps = {"Apply a job with isolation.runtimeClassName: e2e-nowhere"},
            expected = {
                "Complete is False for RuntimeClassNotFound, the message names it; there is no verdict and no pod"
            })
    @Test
    @Order(3)
    void aMissingRuntimeClassIsTold() {
        jobs.apply("nowhere", JobYaml.python("print(1)", "isolation: {runtimeClassName: e2e-nowhere}"));

        SandboxJob told = jobs.awaitReason("nowhere", "RuntimeClassNotFound", "e2e-nowhere");

        assertThat(told.getStatus().verdict()).isNull();
        assertThat(jobs.podsOf("nowhere")).isEmpty();
        jobs.all().withName("nowhere").delete();
    }

    private static void assertState(SandboxJobStatus status, ControlName name, ControlState state) {
        assertThat(Jobs.control(status, name).state())
                .as(() -> name + " of " + status.controls())
                .isEqualTo(state);
    }

    private void assumeGvisor() {
        Assumptions.assumeTrue(
                cluster.tryKubectl("get", "runtimeclass", "gvisor").exitCode() == 0,
                "this cluster has no RuntimeClass gvisor: make cluster-gvisor gives it one");
    }
}
