// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.ApiGroup;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The last act of a release, {@code operator uninstall}: run by the chart before anything of it is deleted. It stops the operators
 * and then lets every runner's pod go, so that no finalizer is left that nobody would ever remove, and no namespace hangs in its
 * deletion. The pods run on; an operator that is installed again while they are there still takes their results. Done twice, it
 * does nothing the second time.
 */
public final class Uninstall {
    private static final String DEPLOYMENT = "gabion-operator";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final KubernetesClient client;
    private final String namespace;
    private final Consumer<String> say;

    /**
     * For one release.
     *
     * @param namespace the release's
     * @param say hears what was done, in sentences
     */
    public Uninstall(KubernetesClient client, String namespace, Consumer<String> say) {
        this.client = client;
        this.namespace = namespace;
        this.say = say;
    }

    /**
     * Does it.
     *
     * @throws IllegalStateException if the operators do not end in time: they would make new pods
     */
    public void run() throws InterruptedException {
        stopOperators();
        List<Pod> held =
                client.pods().inAnyNamespace().withLabelSelector(Labels.RUNNER_SELECTOR).list().getItems().stream()
                        .filter(pod -> pod.hasFinalizer(ApiGroup.RESULT_FINALIZER))
                        .toList();
        held.forEach(pod -> PodFinalizer.remove(client, pod));
        say.accept("%d pods of unfinished jobs let go".formatted(held.size()));
    }

    private void stopOperators() throws InterruptedException {
        var resource = client.apps().deployments().inNamespace(namespace).withName(DEPLOYMENT);
        Deployment deployment = resource.get();
        if (deployment == null) {
            say.accept("there is no Deployment " + DEPLOYMENT);
            return;
        }
        resource.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"replicas\":0}}");
        Map<String, String> selector = deployment.getSpec().getSelector().getMatchLabels();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!client.pods()
                .inNamespace(namespace)
                .withLabels(selector)
                .list()
                .getItems()
                .isEmpty()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the operators in namespace %s have not ended within %d s"
                        .formatted(namespace, PATIENCE.toSeconds()));
            }
            TimeUnit.MILLISECONDS.sleep(500);
        }
        say.accept("the operators have ended");
    }
}
