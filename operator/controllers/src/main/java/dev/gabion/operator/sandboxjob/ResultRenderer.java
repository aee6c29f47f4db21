// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.v1alpha1.OutputFile;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.UsageSample;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the status has no room for, in a ConfigMap that goes with its job: the last bytes of both streams, the course of
 * the usage, the kept files; pure.
 */
final class ResultRenderer {
    static final String STDOUT = "stdout";
    static final String STDERR = "stderr";
    static final String USAGE = "usage.json";

    /** Bytes of everything: a ConfigMap holds 1 MiB, and base64 makes 4 of 3. */
    static final int ROOM = 768 * 1024;

    /** Samples that are kept; at 130 bytes each they take a third of the room at most. */
    static final int SAMPLES = 1800;

    private ResultRenderer() {}

    /**
     * The stored result.
     *
     * @param store the ConfigMap
     * @param files the job's kept files, each with its key or why it was not kept
     */
    record Stored(ConfigMap store, List<OutputFile> files) {}

    static Stored desired(SandboxJob job, SandboxResult believed, @Nullable RunnerOutput details) {
        Map<String, String> binary = new TreeMap<>();
        Map<String, String> data = new TreeMap<>();
        int room = ROOM;
        if (details != null) {
            room -= put(binary, STDOUT, details.stdout());
            room -= put(binary, STDERR, details.stderr());
            String usage = usage(details.series());
            data.put(USAGE, usage);
            room -= usage.length();
        }
        List<OutputFile> files = new ArrayList<>();
        for (OutputFile file : announced(believed, details)) {
            byte[] content = details == null ? null : details.files().get(file.path());
            if (Boolean.FALSE.equals(file.stored())) {
                files.add(notKept(file, file.message()));
            } else if (content == null) {
                files.add(notKept(file, "its content did not arrive"));
            } else if (content.length > room) {
                files.add(notKept(file, "the result store is full; it holds %d KiB".formatted(ROOM / 1024)));
            } else {
                String key = "output-" + files.size();
                room -= put(binary, key, content);
                files.add(new OutputFile(file.path(), (long) content.length, file.sha256(), true, key, null));
            }
        }
        return new Stored(
                new ConfigMapBuilder()
                        .withMetadata(
                                Labels.of(job, Names.result(job.getMetadata().getName())))
                        .withData(data)
                        .withBinaryData(binary)
                        .build(),
                List.copyOf(files));
    }

    private static List<OutputFile> announced(SandboxResult believed, @Nullable RunnerOutput details) {
        return Bounded.files(Optional.ofNullable(details)
                .map(RunnerOutput::result)
                .map(SandboxResult::outputs)
                .filter(outputs -> !outputs.isEmpty())
                .orElse(believed.outputs()));
    }

    private static OutputFile notKept(OutputFile file, @Nullable String why) {
        return new OutputFile(file.path(), file.bytes(), file.sha256(), false, null, why);
    }

    private static int put(Map<String, String> binary, String key, byte @Nullable [] content) {
        if (content == null) {
            return 0;
        }
        binary.put(key, Base64.getEncoder().encodeToString(content));
        return content.length;
    }

    private static String usage(List<UsageSample> series) {
        return Serialization.asJson(Map.of("samples", Series.thin(series, SAMPLES)));
    }
}
