// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gabion.api.testing.LocalApiServer;
import dev.gabion.api.testing.LocalApiServerExtension;
import dev.gabion.api.v1alpha1.ApiGroup;
import dev.gabion.api.v1alpha1.SandboxJob;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The end of a release, with exactly the rights that the chart gives its hook. */
@ExtendWith(LocalApiServerExtension.class)
class UninstallIT {
    private static final Map<String, String> SELECTOR = Map.of("uninstall-it", "operator");

    private final List<String> said = new ArrayList<>();
    private OperatorHarness cluster;
    private KubernetesClient hook;

    @BeforeEach
    void cluster(LocalApiServer server) {
        cluster = new OperatorHarness(server);
        OperatorRoles.installForUninstall(cluster.admin);
        hook = server.clientAsServiceAccount(OperatorRoles.NAMESPACE, OperatorRoles.UNINSTALL_ACCOUNT);
    }

    @AfterEach
    void stop() {
        cluster.admin.resource(deployment()).delete();
        hook.close();
        cluster.close();
    }

    @Test
    void stopsTheOperatorAndLeavesNoPodHeld() throws InterruptedException {
        // Given
        cluster.start();
        SandboxJob job = cluster.create("running");
        Pod pod = cluster.awaitPod(job, 1);
        cluster.kubelet.run(pod);
        cluster.stop();
        cluster.admin.resource(deployment()).create();
        assertThat(pod.getMetadata().getFinalizers()).contains(ApiGroup.RESULT_FINALIZER);

        // When
        uninstall();

        // Then
        assertThat(cluster.admin.resource(deployment()).get().getSpec().getReplicas())
                .isZero();
        assertThat(cluster.admin.resource(pod).get().getMetadata().getFinalizers())
                .isEmpty();
        assertThat(cluster.admin.resource(job).get().getStatus().verdict()).isNull();
        assertThat(said).contains("the operators have ended").last().asString().endsWith("let go");

        // And once more, with the Deployment gone
        cluster.admin.resource(deployment()).delete();
        said.clear();
        uninstall();
        assertThat(said).containsExactly("there is no Deployment gabion-operator", "0 pods of unfinished jobs let go");
    }

    @Test
    void hasNoRightButThese() {
        assertThatThrownBy(() -> hook.secrets().inNamespace(cluster.namespace).list())
                .hasMessageContaining("forbidden");
        assertThatThrownBy(() -> hook.pods()
                        .inNamespace(cluster.namespace)
                        .withName("any")
                        .withGracePeriod(0)
                        .delete())
                .hasMessageContaining("forbidden");
    }

    private void uninstall() throws InterruptedException {
        new Uninstall(hook, OperatorRoles.NAMESPACE, said::add).run();
    }

    private static Deployment deployment() {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName("gabion-operator")
                .withNamespace(OperatorRoles.NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withReplicas(2)
                .withNewSelector()
                .withMatchLabels(SELECTOR)
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(SELECTOR)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("operator")
                .withImage("none")
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }
}
