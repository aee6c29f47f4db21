// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.api.v1alpha1.Source;
import dev.gabion.api.v1alpha1.SourceFile;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LocalApiServerExtension.class)
class LocalApiServerIT {
    @Test
    void servesOurResources(LocalApiServer server) {
        try (KubernetesClient admin = server.adminClient()) {
            // Given
            SandboxJob job = job("served");

            // When
            admin.resource(job).create();

            // Then
            SandboxJob stored = admin.resources(SandboxJob.class)
                    .inNamespace("default")
                    .withName("served")
                    .get();
            assertThat(stored.getSpec().source()).isEqualTo(job.getSpec().source());
            assertThat(stored.getSpec().maxAttempts())
                    .as("the schema's default")
                    .isEqualTo(SandboxJobSpec.DEFAULT_MAX_ATTEMPTS);
        }
    }

    @Test
    void refusesWhoHasNoRight(LocalApiServer server) {
        try (KubernetesClient nobody = server.clientAs("nobody", "system:authenticated")) {
            assertThatThrownBy(() -> nobody.resource(job("refused")).create())
                    .isInstanceOfSatisfying(KubernetesClientException.class, e -> assertThat(e.getCode())
                            .isEqualTo(403))
                    .hasMessageContaining("User \"nobody\" cannot create resource \"sandboxjobs\"");
        }
    }

    @Test
    void leavesNothingBehindWhenClosed() {
        // Given
        LocalApiServer server = LocalApiServer.start();
        Path folder = Objects.requireNonNull(server.kubeconfig().getParent());
        List<ProcessHandle> processes = childrenNaming(folder);
        assertThat(processes).as("etcd and kube-apiserver").hasSizeGreaterThanOrEqualTo(2);

        // When
        server.close();

        // Then
        assertThat(processes).noneMatch(ProcessHandle::isAlive);
        assertThat(folder).doesNotExist();
    }

    private static List<ProcessHandle> childrenNaming(Path directory) {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> process.info().commandLine().orElse("").contains(directory.toString()))
                .toList();
    }

    private static SandboxJob job(String name) {
        SandboxJob job = new SandboxJob();
        job.setMetadata(
                new ObjectMetaBuilder().withName(name).withNamespace("default").build());
        job.setSpec(SandboxJobSpec.builder()
                .runtime("python")
                .source(Source.inline(SourceFile.text("main.py", "print('hello')")))
                .build());
        return job;
    }
}
