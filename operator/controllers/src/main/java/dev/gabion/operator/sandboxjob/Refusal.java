// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;

/**
 * Why the API server would not make something: what a person must change, in contrast to what passes by itself; pure.
 *
 * @param reason one of {@link Reasons}
 * @param message the server's words, and what to do
 */
record Refusal(String reason, String message) {

    /** Whether the same content will be refused for ever: it breaks the schema, or is too large for the store. */
    static boolean isOfContent(KubernetesClientException exception) {
        int code = exception.getCode();
        return code == 400
                || code == 413
                || code == 422
                || String.valueOf(exception.getMessage()).contains("too large");
    }

    static Optional<Refusal> of(KubernetesClientException exception, String namespace) {
        String text = Optional.ofNullable(exception.getStatus())
                .map(status -> status.getMessage())
                .orElse(String.valueOf(exception.getMessage()));
        if (exception.getCode() != 403 && exception.getCode() != 422 && exception.getCode() != 400) {
            return Optional.empty();
        }
        if (text.contains("exceeded quota") || text.contains("failed quota")) {
            return Optional.of(new Refusal(
                    Reasons.QUOTA_EXCEEDED,
                    "the quota of namespace %s leaves no room; the operator tries again: %s"
                            .formatted(namespace, text)));
        }
        if (text.contains("violates PodSecurity")) {
            return Optional.of(new Refusal(
                    Reasons.NAMESPACE_NOT_READY,
                    "the Pod Security level of namespace %s does not let the runtime's pod in: %s"
                            .formatted(namespace, text)));
        }
        if (text.contains("RuntimeClass") && text.contains("not found")) {
            return Optional.of(new Refusal(
                    Reasons.RUNTIME_CLASS_NOT_FOUND,
                    "spec.isolation.runtimeClassName is not a RuntimeClass of this cluster (see: kubectl get"
                            + " runtimeclasses); the operator tries again: " + text));
        }
        return Optional.of(new Refusal(
                Reasons.NAMESPACE_NOT_READY,
                "namespace %s does not take the job's pod; the operator tries again: %s".formatted(namespace, text)));
    }
}
