// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.ApiGroup;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import java.util.Map;

/** Nothing in, nothing out, for the runner pods of a namespace; pure. */
final class NetworkPolicyRenderer {
    static final String NAME = "gabion-runner-default-deny";

    private NetworkPolicyRenderer() {}

    static NetworkPolicy desired(String namespace) {
        return new NetworkPolicyBuilder()
                .withNewMetadata()
                .withName(NAME)
                .withNamespace(namespace)
                .withLabels(Map.of(Labels.MANAGED_BY, ApiGroup.MANAGED_BY, Labels.COMPONENT, Labels.RUNNER))
                .endMetadata()
                .withNewSpec()
                .withNewPodSelector()
                .withMatchLabels(Map.of(Labels.MANAGED_BY, ApiGroup.MANAGED_BY, Labels.COMPONENT, Labels.RUNNER))
                .endPodSelector()
                .withPolicyTypes("Ingress", "Egress")
                .endSpec()
                .build();
    }
}
