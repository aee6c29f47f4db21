// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator;

import dev.gabion.api.v1alpha1.SandboxJob;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.time.Duration;
import java.time.Instant;

/**
 * {@code operator await-verdict NAMESPACE JOB VERDICT}: waits until the job has its verdict. Exit code 0: it is the
 * expected one; 1: it is another; 75 (EX_TEMPFAIL): none came in time.
 */
final class AwaitVerdict {
    static final String COMMAND = "await-verdict";

    private static final Duration TIMEOUT = Duration.ofMinutes(4);
    private static final Duration POLL = Duration.ofSeconds(1);

    private AwaitVerdict() {}

    static int run(String... arguments) {
        if (arguments.length != 4) {
            System.err.println("usage: operator await-verdict NAMESPACE JOB VERDICT");
            return 64;
        }
        try (KubernetesClient client = new KubernetesClientBuilder().build()) {
            return await(client, arguments[1], arguments[2], arguments[3]);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return 75;
        }
    }

    private static int await(KubernetesClient client, String namespace, String name, String expected)
            throws InterruptedException {
        Instant deadline = Instant.now().plus(TIMEOUT);
        String said = "";
        while (Instant.now().isBefore(deadline)) {
            SandboxJob job = client.resources(SandboxJob.class)
                    .inNamespace(namespace)
                    .withName(name)
                    .get();
            if (job != null && job.getStatus() != null) {
                if (job.getStatus().verdict() != null) {
                    String verdict = job.getStatus().verdict().name();
                    System.out.printf("%s/%s: %s (expected %s)%n", namespace, name, verdict, expected);
                    return verdict.equals(expected) ? 0 : 1;
                }
                String now = String.valueOf(job.getStatus().phase());
                if (!now.equals(said)) {
                    System.out.printf("%s/%s: %s%n", namespace, name, now);
                    said = now;
                }
            }
            Thread.sleep(POLL);
        }
        System.err.printf("%s/%s has no verdict after %d s%n", namespace, name, TIMEOUT.toSeconds());
        return 75;
    }
}
