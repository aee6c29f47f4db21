// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

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

/** Asks for one core object's metadata, and nothing else of it. */
final class ObjectMetadata {
    private static final String METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    private final KubernetesClient client;

    ObjectMetadata(KubernetesClient client) {
        this.client = client;
    }

    /**
     * The answer.
     *
     * @param code 200, or 404 or 403
     * @param labels of the object, if it was found
     */
    record Found(int code, Map<String, String> labels) {}

    /**
     * Asks.
     *
     * @param path below {@code /api/v1/}
     */
    Found get(String path) {
        HttpRequest request = client.getHttpClient()
                .newHttpRequestBuilder()
                .uri("%sapi/v1/%s".formatted(client.getMasterUrl(), path))
                .header("Accept", METADATA_ONLY)
                .build();
        HttpResponse<String> response;
        try {
            response = client.getHttpClient().sendAsync(request, String.class).get(10, TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new KubernetesClientException("stopped while looking at " + path, stopped);
        } catch (ExecutionException | TimeoutException failed) {
            throw new KubernetesClientException("could not look at " + path, failed);
        }
        if (response.isSuccessful()) {
            GenericKubernetesResource object =
                    Serialization.unmarshal(response.body(), GenericKubernetesResource.class);
            return new Found(
                    response.code(),
                    Optional.ofNullable(object.getMetadata().getLabels()).orElse(Map.of()));
        }
        if (response.code() == 404 || response.code() == 403) {
            return new Found(response.code(), Map.of());
        }
        throw new KubernetesClientException(
                "looking at %s: the API server answered %d".formatted(path, response.code()));
    }
}
