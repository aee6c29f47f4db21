// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.ApiGroup;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.jspecify.annotations.Nullable;

/** Lets a pod go. */
final class PodFinalizer {
    private static final int TRIES = 5;

    private PodFinalizer() {}

    /** Removes our finalizer, whoever else changes the pod meanwhile; a pod that is gone is fine. */
    static void remove(KubernetesClient client, Pod pod) {
        Pod current = pod;
        for (int attempt = 1; current != null && current.hasFinalizer(ApiGroup.RESULT_FINALIZER); attempt++) {
            try {
                client.resource(current).edit(PodFinalizer::without);
                return;
            } catch (KubernetesClientException exception) {
                // 409 and 422: the list of finalizers is not what it was.
                boolean changed = exception.getCode() == 409 || exception.getCode() == 422;
                if (exception.getCode() != 404 && (!changed || attempt == TRIES)) {
                    throw exception;
                }
                current = read(client, pod);
            }
        }
    }

    private static Pod without(Pod pod) {
        pod.removeFinalizer(ApiGroup.RESULT_FINALIZER);
        return pod;
    }

    private static @Nullable Pod read(KubernetesClient client, Pod pod) {
        return client.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .get();
    }
}
