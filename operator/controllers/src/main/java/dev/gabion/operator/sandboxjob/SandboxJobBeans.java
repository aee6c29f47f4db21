// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** What the reconciler is given. */
final class SandboxJobBeans {
    @Produces
    @Singleton
    PodLogs podLogs(KubernetesClient client) {
        return new KubernetesPodLogs(client);
    }
}
