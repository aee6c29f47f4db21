// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.ApiGroup;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.Source;
import dev.gabion.operator.sandboxjob.ObjectMetadata.Found;
import dev.gabion.operator.sandboxjob.Observation.Problem;
import org.jspecify.annotations.Nullable;

/** Whether a job's source is there. Of a Secret only the metadata is read, never the data. */
final class Sources {
    private final ObjectMetadata metadata;

    Sources(ObjectMetadata metadata) {
        this.metadata = metadata;
    }

    /** What is wrong with the source, or null. */
    @Nullable
    Problem check(SandboxJob job) {
        Source source = job.getSpec().source();
        String namespace = job.getMetadata().getNamespace();
        if (source.configMapRef() != null) {
            return configMap(namespace, source.configMapRef().name());
        }
        return source.secretRef() == null
                ? null
                : secret(namespace, source.secretRef().name());
    }

    private @Nullable Problem configMap(String namespace, String name) {
        Found found = metadata.get("namespaces/%s/configmaps/%s".formatted(namespace, name));
        return found.code() == 404
                ? new Problem(
                        Reasons.SOURCE_NOT_FOUND,
                        "spec.source.configMapRef: there is no ConfigMap %s in namespace %s".formatted(name, namespace))
                : null;
    }

    private @Nullable Problem secret(String namespace, String name) {
        Found found = metadata.get("namespaces/%s/secrets/%s".formatted(namespace, name));
        if (found.code() == 404) {
            return new Problem(
                    Reasons.SOURCE_NOT_FOUND,
                    "spec.source.secretRef: there is no Secret %s in namespace %s".formatted(name, namespace));
        }
        if (found.code() == 403) {
            return new Problem(
                    Reasons.SECRET_NOT_READABLE,
                    ("spec.source.secretRef: the operator may not look at Secrets in namespace %s; the administrator"
                                    + " allows it by the chart's value access.secretSourceNamespaces")
                            .formatted(namespace));
        }
        return "true".equals(found.labels().get(ApiGroup.SANDBOX_SOURCE_LABEL))
                ? null
                : new Problem(
                        Reasons.SECRET_NOT_LABELLED,
                        "spec.source.secretRef: Secret %s must carry the label %s: \"true\" before a job may use it"
                                .formatted(name, ApiGroup.SANDBOX_SOURCE_LABEL));
    }
}
