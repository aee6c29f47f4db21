// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.junit.jupiter.api.Test;

class RefusalTest {

    @Test
    void aRuntimeClassThatIsNotThereIsNamed() {
        Refusal refusal = refusal(403, "pods \"a\" is forbidden: pod rejected: RuntimeClass \"nowhere\" not found");

        assertThat(refusal.reason()).isEqualTo(Reasons.RUNTIME_CLASS_NOT_FOUND);
        assertThat(refusal.message())
                .contains("spec.isolation.runtimeClassName")
                .contains("\"nowhere\" not found");
    }

    @Test
    void aFullQuotaIsNoFaultOfTheNamespace() {
        assertThat(refusal(403, "pods \"a\" is forbidden: exceeded quota: small")
                        .reason())
                .isEqualTo(Reasons.QUOTA_EXCEEDED);
    }

    @Test
    void podSecurityNamesTheNamespace() {
        Refusal refusal = refusal(403, "pods \"a\" is forbidden: violates PodSecurity \"restricted:latest\": x");

        assertThat(refusal.reason()).isEqualTo(Reasons.NAMESPACE_NOT_READY);
        assertThat(refusal.message()).contains("namespace jobs");
    }

    @Test
    void anOutageIsNoRefusal() {
        assertThat(Refusal.of(exception(500, "etcd is away"), "jobs")).isEmpty();
    }

    private static Refusal refusal(int code, String message) {
        return Refusal.of(exception(code, message), "jobs").orElseThrow();
    }

    private static KubernetesClientException exception(int code, String message) {
        return new KubernetesClientException(
                new StatusBuilder().withCode(code).withMessage(message).build());
    }
}
