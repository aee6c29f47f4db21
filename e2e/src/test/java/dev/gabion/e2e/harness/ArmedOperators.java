// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * Operators in place of the release's, one at a time, each told to die at one failpoint: pods made from the Deployment's own
 * template, with one variable more, that are not started again. They share one name of a replica, so that the next takes the
 * lease at once, as a restarted container does. On close the Deployment has its replicas back.
 */
public final class ArmedOperators implements AutoCloseable {
    private static final String IDENTITY = "gabion-operator-armed";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final TestCluster cluster;
    private final Deployment deployment;
    private @Nullable Pod current;

    /** Takes the release's replicas away. */
    public ArmedOperators(TestCluster cluster) {
        this.cluster = cluster;
        this.deployment = Objects.requireNonNull(cluster.client()
                .apps()
                .deployments()
                .inNamespace(TestCluster.SYSTEM)
                .withName("gabion-operator")
                .get());
        scale(0);
        // What a run that was broken off left behind.
        cluster.operatorPods().stream()
                .filter(pod -> pod.getMetadata().getName().startsWith(IDENTITY))
                .forEach(this::delete);
        Awaitility.await("the release's operators are gone").atMost(PATIENCE).until(() -> cluster.operatorPods()
                .isEmpty());
    }

    /** Starts the next. */
    public void start(String failpoint) {
        current = cluster.client()
                .resource(armed(failpoint))
                .inNamespace(TestCluster.SYSTEM)
                .create();
    }

    private Pod armed(String failpoint) {
        PodTemplateSpec template = deployment.getSpec().getTemplate();
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName(IDENTITY + "-" + failpoint)
                .withLabels(template.getMetadata().getLabels())
                .endMetadata()
                .withSpec(template.getSpec())
                .build();
        pod.getSpec().setRestartPolicy("Never");
        List<EnvVar> environment = pod.getSpec().getContainers().getFirst().getEnv();
        environment.removeIf(variable -> variable.getName().equals("POD_NAME"));
        environment.add(new EnvVar("POD_NAME", IDENTITY, null));
        environment.add(new EnvVar("GABION_FAILPOINTS", failpoint + "=halt", null));
        return pod;
    }

    /** Waits until it has died, and by nothing but its failpoint. */
    public void awaitDeath() {
        Pod pod = Objects.requireNonNull(current);
        ContainerStateTerminated end = Awaitility.await(
                        "death of " + pod.getMetadata().getName())
                .atMost(PATIENCE)
                .until(() -> end(pod), Optional::isPresent)
                .orElseThrow();
        assertThat(end.getExitCode())
                .as("%s: %s", pod.getMetadata().getName(), end)
                .isEqualTo(137);
        assertThat(end.getReason())
                .as("%s: %s", pod.getMetadata().getName(), end)
                .isEqualTo("Error");
        assertThat(end.getSignal())
                .as("%s: %s", pod.getMetadata().getName(), end)
                .isNull();
        delete(pod);
        current = null;
    }

    private Optional<ContainerStateTerminated> end(Pod pod) {
        return cluster.client().resource(pod).get().getStatus().getContainerStatuses().stream()
                .map(ContainerStatus::getState)
                .flatMap(state -> Optional.ofNullable(state.getTerminated()).stream())
                .findFirst();
    }

    private void delete(Pod pod) {
        cluster.client().resource(pod).withGracePeriod(0).delete();
    }

    private void scale(int replicas) {
        cluster.kubectl("scale", "deployment/gabion-operator", "-n", TestCluster.SYSTEM, "--replicas=" + replicas);
    }

    @Override
    public void close() {
        if (current != null) {
            delete(current);
        }
        scale(deployment.getSpec().getReplicas());
        cluster.kubectl("rollout", "status", "deployment/gabion-operator", "-n", TestCluster.SYSTEM, "--timeout=120s");
    }
}
