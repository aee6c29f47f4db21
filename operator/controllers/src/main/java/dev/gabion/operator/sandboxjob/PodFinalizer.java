// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.ApiGroup;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.PrimaryUpdateAndCacheUtils;

/** Lets a pod go. */
final class PodFinalizer {
    private PodFinalizer() {}

    static void remove(KubernetesClient client, Pod pod) {
        try {
            PrimaryUpdateAndCacheUtils.removeFinalizer(client, pod, ApiGroup.RESULT_FINALIZER);
        } catch (KubernetesClientException exception) {
            if (exception.getCode() != 404) {
                throw exception;
            }
        }
    }
}
