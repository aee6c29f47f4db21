// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.e2e.harness.JobYaml;
import dev.gabion.e2e.harness.Jobs;
import dev.gabion.e2e.harness.OnCluster;
import dev.gabion.e2e.harness.Scenario;
import dev.gabion.e2e.harness.Shell;
import dev.gabion.e2e.harness.TestCluster;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Who may do what, asked of the API server itself. */
@Order(25)
@OnCluster
class AccessE2E {
    private static final String OPERATOR = "system:serviceaccount:gabion-system:gabion-operator";

    private final TestCluster cluster;
    private final Jobs jobs;

    AccessE2E(TestCluster cluster, Jobs jobs) {
        this.cluster = cluster;
        this.jobs = jobs;
    }

    @BeforeAll
    void bindUsers() {
        for (String role : List.of("view", "edit")) {
            cluster.kubectl(
                    "create",
                    "rolebinding",
                    role,
                    "-n",
                    jobs.namespace(),
                    "--clusterrole=" + role,
                    "--user=e2e-" + role);
        }
        jobs.run("mine", JobYaml.python("print('mine')"));
    }

    @Scenario(
            name = "A viewer reads jobs and the menu of runtimes, and changes nothing",
            steps = {
                "Bind a user to the role view",
                "As that user: get and list jobs, list runtimes, create and delete a job"
            },
            expected = {"Reading succeeds with the verdict; creating and deleting are refused with 403"})
    @Test
    void viewer() {
        try (KubernetesClient viewer = cluster.clientOf("e2e-view")) {
            assertThat(in(viewer, "mine").getStatus().verdict()).isEqualTo(Verdict.OK);
            assertThat(viewer.resources(SandboxRuntime.class).list().getItems()).isNotEmpty();

            assertForbidden(() -> viewer.resource(job("theirs")).create());
            assertForbidden(() -> viewer.resources(SandboxJob.class)
                    .inNamespace(jobs.namespace())
                    .withName("mine")
                    .delete());
        }
    }

    @Scenario(
            name = "An editor runs jobs, and neither writes a verdict nor the menu of runtimes",
            steps = {
                "Bind a user to the role edit",
                "As that user: create a job, write a job's status, change a runtime, create a job in another namespace"
            },
            expected = {"The job runs to OK; the other three are refused with 403"})
    @Test
    void editor() {
        try (KubernetesClient editor = cluster.clientOf("e2e-edit")) {
            editor.resource(job("edited")).create();
            SandboxJob ended = jobs.awaitEnd("edited");
            Jobs.assertVerdict(ended, Verdict.OK);

            assertForbidden(() -> editor.resource(ended).patchStatus());
            assertForbidden(() ->
                    editor.resources(SandboxRuntime.class).withName("python").delete());
            SandboxJob elsewhere = job("elsewhere");
            elsewhere.getMetadata().setNamespace("default");
            assertForbidden(() -> editor.resource(elsewhere).create());
        }
    }

    @Scenario(
            name = "The operator's rights end where its work ends",
            steps = {"Ask the API server, as the operator's service account, about rights it must not have"},
            expected = {
                "No: secrets listed anywhere or read outside the namespaces granted, nodes or namespaces written, roles"
                        + " changed, pods executed into, runtimes or definitions changed, anything of any kind"
            })
    @Test
    void operator() {
        for (List<String> asked : List.of(
                List.of("list", "secrets", "--all-namespaces"),
                List.of("get", "secrets", "-n", "kube-system"),
                List.of("get", "secrets", "-n", jobs.namespace()),
                List.of("list", "secrets", "-n", "gabion-jobs"),
                List.of("patch", "nodes"),
                List.of("delete", "namespaces"),
                List.of("create", "clusterrolebindings"),
                List.of("create", "pods", "--subresource=exec", "-n", "default"),
                List.of("create", "serviceaccounts", "--subresource=token", "-n", "kube-system"),
                List.of("update", "sandboxruntimes.gabion.dev"),
                List.of("update", "customresourcedefinitions"),
                List.of("impersonate", "users"),
                List.of("create", "deployments", "-n", "default"),
                List.of("*", "*"))) {
            assertThat(can(asked)).as("%s", asked).isEqualTo("no");
        }
        assertThat(can(List.of("get", "secrets/any", "-n", "gabion-jobs"))).isEqualTo("yes");
        assertThat(can(List.of("create", "pods", "-n", jobs.namespace()))).isEqualTo("yes");
    }

    private String can(List<String> asked) {
        String[] arguments = new String[asked.size() + 4];
        arguments[0] = "auth";
        arguments[1] = "can-i";
        for (int i = 0; i < asked.size(); i++) {
            arguments[i + 2] = asked.get(i);
        }
        arguments[arguments.length - 2] = "--as";
        arguments[arguments.length - 1] = OPERATOR;
        Shell.Result answer = cluster.tryKubectl(arguments);
        return answer.output().lines().reduce("", (before, line) -> line).strip();
    }

    private SandboxJob job(String name) {
        SandboxJob job = JobYaml.job(name, JobYaml.python("print('hello')"));
        job.getMetadata().setNamespace(jobs.namespace());
        return job;
    }

    private SandboxJob in(KubernetesClient client, String name) {
        return client.resources(SandboxJob.class)
                .inNamespace(jobs.namespace())
                .withName(name)
                .require();
    }

    private static void assertForbidden(Runnable action) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(KubernetesClientException.class, refused -> assertThat(refused.getCode())
                        .isEqualTo(403));
    }
}
