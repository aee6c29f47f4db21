// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.cluster;

import dev.gabion.api.v1alpha1.Output;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.cli.UserError;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** Reads a job and what was kept of it. */
final class ResultStore {
    /** Key of the usage with its whole course. */
    static final String USAGE = "usage.json";

    /** Key of the last bytes of a stream. */
    static final String STDOUT = "stdout";

    /** Key of the last bytes of a stream. */
    static final String STDERR = "stderr";

    /** The job. */
    static SandboxJob job(KubernetesClient client, String name) {
        SandboxJob job = client.resources(SandboxJob.class)
                .inNamespace(client.getNamespace())
                .withName(name)
                .get();
        if (job == null) {
            throw new UserError("there is no job '" + name + "' in the namespace " + client.getNamespace()
                    + "; gabion jobs lists them");
        }
        return job;
    }

    /** What the job's result store has under a key; empty where there is no store or no such key. */
    static Optional<byte[]> read(KubernetesClient client, SandboxJob job, String key) {
        Output output = JobView.status(job).output();
        String name = output == null ? null : output.configMapName();
        ConfigMap store = name == null
                ? null
                : client.configMaps()
                        .inNamespace(job.getMetadata().getNamespace())
                        .withName(name)
                        .get();
        if (store == null) {
            return Optional.empty();
        }
        String base64 = store.getBinaryData().get(key);
        if (base64 != null) {
            return Optional.of(Base64.getDecoder().decode(base64));
        }
        return Optional.ofNullable(store.getData().get(key)).map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    private ResultStore() {}
}
