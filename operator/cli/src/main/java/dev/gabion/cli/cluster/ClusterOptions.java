// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.cluster;

import dev.gabion.cli.ExitCode;
import dev.gabion.cli.UserError;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster, and which namespace; the words are kubectl's. */
public final class ClusterOptions {
    private static final int CONNECT_MILLISECONDS = 10_000;
    /** An API server that starts, or is busy, says so for a moment. */
    private static final int RETRIES = 4;

    private static final int FORBIDDEN = 403;
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;

    @Option(names = "--kubeconfig", paramLabel = "FILE", description = "Default: $KUBECONFIG, else ~/.kube/config.")
    private @Nullable String kubeconfig;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "Context of the kubeconfig. Default: its current one.")
    private @Nullable String context;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAME",
            description = "Namespace. Default: the context's.")
    private @Nullable String namespace;

    /** Runs a piece of work with a client, and says in one line what a cluster that refuses says. */
    public <T> T call(Function<KubernetesClient, T> work) {
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config()).build()) {
            return work.apply(client);
        } catch (KubernetesClientException e) {
            throw new UserError(message(e), ExitCode.CLUSTER);
        }
    }

    private Config config() {
        if (kubeconfig != null) {
            if (!Files.isReadable(Path.of(kubeconfig))) {
                throw new UserError("--kubeconfig: cannot read '" + kubeconfig + "'");
            }
            System.setProperty(Config.KUBERNETES_KUBECONFIG_FILE, kubeconfig);
        }
        Config config = Config.autoConfigure(context);
        if (context != null
                && (config.getCurrentContext() == null
                        || !context.equals(config.getCurrentContext().getName()))) {
            throw new UserError("--context: the kubeconfig has no context '" + context + "'");
        }
        if (config.getCurrentContext() == null && System.getenv("KUBERNETES_SERVICE_HOST") == null) {
            throw new UserError("no cluster: there is no kubeconfig; set KUBECONFIG or give --kubeconfig FILE");
        }
        if (namespace != null) {
            config.setNamespace(namespace);
        } else if (config.getNamespace() == null) {
            config.setNamespace("default");
        }
        config.setRequestRetryBackoffLimit(RETRIES);
        config.setConnectionTimeout(CONNECT_MILLISECONDS);
        return config;
    }

    private static String message(KubernetesClientException error) {
        String text = error.getStatus() != null && error.getStatus().getMessage() != null
                ? error.getStatus().getMessage()
                : String.valueOf(error.getCause() == null ? error.getMessage() : rootCause(error));
        return switch (error.getCode()) {
            case FORBIDDEN, UNAUTHORIZED -> "the cluster refused: " + text;
            case NOT_FOUND -> "the cluster has not got it (is Gabion installed there?): " + text;
            case 0 -> "the cluster did not answer: " + text;
            default -> "the cluster answered with an error: " + text;
        };
    }

    private static Throwable rootCause(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
