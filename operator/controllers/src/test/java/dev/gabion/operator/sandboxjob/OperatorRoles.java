// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.testing.LocalApiServer;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The chart's own roles, rendered by Helm: the tests run under exactly the rights an installation has. */
final class OperatorRoles {
    static final String NAMESPACE = "gabion-system";
    static final String ACCOUNT = "gabion-operator";
    static final String UNINSTALL_ACCOUNT = "gabion-uninstall";

    private OperatorRoles() {}

    static void install(KubernetesClient admin, String secretNamespace) {
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .serverSideApply();
        String rendered = render(secretNamespace, "templates/operator/rbac.yaml");
        admin.load(new ByteArrayInputStream(rendered.getBytes(StandardCharsets.UTF_8)))
                .serverSideApply();
    }

    /** The rights of the hook that ends a release. */
    static void installForUninstall(KubernetesClient admin) {
        admin.load(new ByteArrayInputStream(
                        render("default", "templates/uninstall/rbac.yaml").getBytes(StandardCharsets.UTF_8)))
                .serverSideApply();
    }

    private static String render(String secretNamespace, String template) {
        Path chart = LocalApiServer.sourceRoot().resolve("deploy/helm/gabion");
        try {
            Process helm = new ProcessBuilder(
                            LocalApiServer.tool("helm").toString(),
                            "template",
                            "gabion",
                            chart.toString(),
                            "--kube-version",
                            "1.34.3",
                            "--namespace",
                            NAMESPACE,
                            "--set",
                            "jobNamespace.create=false",
                            "--set",
                            "access.secretSourceNamespaces={" + secretNamespace + "}",
                            "--show-only",
                            template)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String text = new String(helm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!helm.waitFor(60, TimeUnit.SECONDS) || helm.exitValue() != 0) {
                throw new IllegalStateException("helm template failed: " + text);
            }
            return text;
        } catch (IOException exception) {
            throw new java.io.UncheckedIOException(exception);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        }
    }
}
