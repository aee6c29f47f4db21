// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.ApiGroup;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.Source;
import dev.gabion.operator.sandboxjob.Observation.Problem;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Whether a job's source is there. Of a Secret only the metadata is read, never the data. */
final class Sources {
    private static final String METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    private final KubernetesClient client;

    Sources(KubernetesClient client) {
        this.client = client;
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
        Metadata found = metadata(namespace, "configmaps", name);
        return found.code() == 404
                ? new Problem(
                        Reasons.SOURCE_NOT_FOUND,
                        "spec.source.configMapRef: there is no ConfigMap %s in namespace %s".formatted(name, namespace))
                : null;
    }

    private @Nullable Problem secret(String namespace, String name) {
        Metadata found = metadata(namespace, "secrets", name);
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

    private record Metadata(int code, Map<String, String> labels) {}

    private Metadata metadata(String namespace, String resource, String name) {
        HttpRequest request = client.getHttpClient()
                .newHttpRequestBuilder()
                .uri("%sapi/v1/namespaces/%s/%s/%s".formatted(client.getMasterUrl(), namespace, resource, name))
                .header("Accept", METADATA_ONLY)
                .build();
        HttpResponse<String> response;
        try {
            response = client.getHttpClient().sendAsync(request, String.class).get(10, TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new KubernetesClientException("stopped while looking at " + resource + " " + name, stopped);
        } catch (ExecutionException | TimeoutException failed) {
            throw new KubernetesClientException("could not look at " + resource + " " + name, failed);
        }
        if (response.isSuccessful()) {
            GenericKubernetesResource object =
                    Serialization.unmarshal(response.body(), GenericKubernetesResource.class);
            return new Metadata(
                    response.code(),
                    Optional.ofNullable(object.getMetadata().getLabels()).orElse(Map.of()));
        }
        if (response.code() == 404 || response.code() == 403) {
            return new Metadata(response.code(), Map.of());
        }
        throw new KubernetesClientException(
                "looking at %s %s: the API server answered %d".formatted(resource, name, response.code()));
    }
}
