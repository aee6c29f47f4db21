// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.runner.JobPlan;
import dev.gabion.api.runner.PlanFile;
import dev.gabion.api.runner.PlanProgram;
import dev.gabion.api.runner.RequiredControls;
import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.api.v1alpha1.SandboxRuntimeSpec;
import dev.gabion.api.v1alpha1.SeccompProfiles;
import dev.gabion.api.v1alpha1.SourceFile;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** The plan of an attempt, with the source that is given in the job itself, as an immutable ConfigMap; pure. */
final class PlanRenderer {
    static final String PLAN_KEY = "plan.json";

    private PlanRenderer() {}

    static ConfigMap desired(SandboxJob job, SandboxRuntime runtime, int attempt, ResolvedLimits limits) {
        Map<String, String> binary = new TreeMap<>();
        List<SourceFile> files = inline(job);
        for (int index = 0; index < files.size(); index++) {
            binary.put(key(index), base64(files.get(index)));
        }
        return new ConfigMapBuilder()
                .withMetadata(Labels.of(job, name(job, attempt)))
                .withImmutable(true)
                .withData(Map.of(
                        PLAN_KEY, new String(plan(job, runtime, attempt, limits).toJson(), StandardCharsets.UTF_8)))
                .withBinaryData(binary)
                .build();
    }

    /** Bytes it takes; a ConfigMap holds 1 MiB. */
    static long size(SandboxJob job, SandboxRuntime runtime, int attempt, ResolvedLimits limits) {
        return plan(job, runtime, attempt, limits).toJson().length
                + inline(job).stream().mapToLong(PlanRenderer::bytes).sum();
    }

    static String name(SandboxJob job, int attempt) {
        return Names.attempt(job.getMetadata().getName(), job.getMetadata().getUid(), attempt);
    }

    /** Key of a file: its place, since names of files and keys obey different rules. */
    static String key(int index) {
        return "file-" + index;
    }

    static List<SourceFile> inline(SandboxJob job) {
        return job.getSpec().source().inline();
    }

    private static JobPlan plan(SandboxJob job, SandboxRuntime runtime, int attempt, ResolvedLimits limits) {
        SandboxJobSpec spec = job.getSpec();
        SandboxRuntimeSpec menu = runtime.getSpec();
        String asked = spec.isolationOrDefault().seccompProfile();
        String profile = asked == null ? menu.seccompProfilesOrDefault().getFirst() : asked;
        return new JobPlan(
                JobPlan.VERSION,
                job.getMetadata().getNamespace(),
                job.getMetadata().getName(),
                job.getMetadata().getUid(),
                attempt,
                new PlanProgram(
                        spec.runtime(),
                        menu.fileName(),
                        menu.command(),
                        menu.compile() == null ? null : menu.compile().command(),
                        menu.env(),
                        menu.procOrDefault()),
                files(job, menu.fileName()),
                spec.args(),
                spec.env(),
                spec.stdin(),
                spec.outputs(),
                spec.isolationOrDefault().levelOrDefault(),
                spec.isolationOrDefault().runtimeClassName(),
                profile,
                SeccompProfiles.custom(profile, menu).orElse(null),
                limits,
                RequiredControls.listed(
                        menu.requiredControls(), spec.isolationOrDefault().levelOrDefault(), true));
    }

    /** The program first: the file that is called like the runtime's, else the first. */
    private static List<PlanFile> files(SandboxJob job, String program) {
        List<SourceFile> files = inline(job);
        List<PlanFile> named = IntStream.range(0, files.size())
                .mapToObj(index -> new PlanFile(files.get(index).name(), key(index)))
                .toList();
        return named.stream()
                .sorted(java.util.Comparator.comparing(file -> !file.name().equals(program)))
                .toList();
    }

    private static String base64(SourceFile file) {
        return file.contentBase64() != null
                ? file.contentBase64()
                : Base64.getEncoder().encodeToString(text(file).getBytes(StandardCharsets.UTF_8));
    }

    private static long bytes(SourceFile file) {
        return file.contentBase64() != null
                ? file.contentBase64().length() / 4L * 3
                : text(file).getBytes(StandardCharsets.UTF_8).length;
    }

    private static String text(SourceFile file) {
        return file.content() == null ? "" : file.content();
    }
}
