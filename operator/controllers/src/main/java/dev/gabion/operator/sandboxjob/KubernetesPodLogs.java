// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Streams a pod's log through the API server. Not by the client's own log calls: those open a watch for the pod's
 * readiness, which a pod that has ended never reaches.
 */
final class KubernetesPodLogs implements PodLogs {
    /** Until the log begins to flow. */
    private static final Duration HEAD_TIMEOUT = Duration.ofSeconds(10);

    /** For the whole of it. */
    private static final Duration WHOLE_TIMEOUT = Duration.ofSeconds(30);

    private static final int TRIES = 3;
    private static final Duration PAUSE = Duration.ofMillis(300);

    private final KubernetesClient client;
    private final Duration headTimeout;
    private final Duration wholeTimeout;

    KubernetesPodLogs(KubernetesClient client) {
        this(client, HEAD_TIMEOUT, WHOLE_TIMEOUT);
    }

    KubernetesPodLogs(KubernetesClient client, Duration headTimeout, Duration wholeTimeout) {
        this.client = client;
        this.headTimeout = headTimeout;
        this.wholeTimeout = wholeTimeout;
    }

    @Override
    public RunnerOutput read(String namespace, String pod) {
        String why = "";
        for (int attempt = 1; attempt <= TRIES; attempt++) {
            try {
                Thread.sleep(PAUSE.multipliedBy(attempt - 1L));
                return readOnce(namespace, pod);
            } catch (UnreadableException unreadable) {
                why = unreadable.getMessage();
                if (!unreadable.passing) {
                    break;
                }
            } catch (IOException | ExecutionException | TimeoutException failed) {
                why = failed.getCause() == null
                        ? failed.toString()
                        : failed.getCause().toString();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                return RunnerOutput.unavailable("the operator was stopped while it read the pod's log");
            }
        }
        return RunnerOutput.unavailable("the pod's log could not be read: " + why);
    }

    private RunnerOutput readOnce(String namespace, String pod)
            throws IOException, ExecutionException, TimeoutException, InterruptedException {
        HttpClient http = client.getHttpClient();
        HttpRequest request = http.newHttpRequestBuilder()
                .uri("%sapi/v1/namespaces/%s/pods/%s/log?container=%s"
                        .formatted(client.getMasterUrl(), namespace, pod, PodRenderer.CONTAINER))
                .build();
        HttpResponse<InputStream> response =
                http.sendAsync(request, InputStream.class).get(headTimeout.toMillis(), TimeUnit.MILLISECONDS);
        InputStream body = response.body();
        boolean atItsEnd = false;
        try {
            if (!response.isSuccessful()) {
                throw new UnreadableException(response.code());
            }
            RunnerOutput output = readWithin(wholeTimeout, body);
            atItsEnd = true;
            return output;
        } finally {
            // Closing resets the request. After its end the connection is another request's, which would break.
            if (!atItsEnd) {
                body.close();
            }
        }
    }

    /** A log that stops flowing is closed under the reader, who then fails. */
    private static RunnerOutput readWithin(Duration timeout, InputStream body) throws IOException {
        Executor later = CompletableFuture.delayedExecutor(timeout.toMillis(), TimeUnit.MILLISECONDS);
        CompletableFuture<Void> guard = CompletableFuture.runAsync(() -> close(body), later);
        try {
            return RunnerOutputReader.read(body);
        } finally {
            guard.cancel(false);
        }
    }

    private static void close(InputStream body) {
        try {
            body.close();
        } catch (IOException alreadyBroken) {
            throw new java.io.UncheckedIOException(alreadyBroken);
        }
    }

    private static final class UnreadableException extends IOException {
        private final boolean passing;

        UnreadableException(int code) {
            super("the API server answered " + code);
            this.passing = code >= 500 || code == 429;
        }
    }
}
