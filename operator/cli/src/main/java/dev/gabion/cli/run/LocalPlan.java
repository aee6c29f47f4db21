// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import dev.gabion.api.limits.LimitsResolution;
import dev.gabion.api.limits.LimitsResolver;
import dev.gabion.api.runner.JobPlan;
import dev.gabion.api.runner.PlanFile;
import dev.gabion.api.runner.PlanProgram;
import dev.gabion.api.runner.RequiredControls;
import dev.gabion.api.v1alpha1.CompileStep;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.IsolationLevel;
import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.api.v1alpha1.SandboxRuntimeSpec;
import dev.gabion.api.v1alpha1.SourceFile;
import dev.gabion.cli.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** A job made ready for the engine of this machine: what the operator does in a cluster. */
final class LocalPlan {
    /** Controls that only a pod has. */
    private static final Set<ControlName> OF_A_POD = EnumSet.of(
            ControlName.PodSeccomp,
            ControlName.NetworkPolicy,
            ControlName.NoApiServer,
            ControlName.NoClusterDns,
            ControlName.NoServiceAccountToken,
            ControlName.CgroupMemory);

    /** The plan; its files are named like the job's. */
    static JobPlan of(JobFile job, SandboxRuntimeSpec runtime) {
        SandboxJobSpec spec = job.spec();
        checkLocal(job, runtime);
        List<PlanFile> files = new ArrayList<>();
        for (SourceFile file : programFirst(spec.source().inline(), runtime.fileName())) {
            files.add(new PlanFile(file.name(), file.name()));
        }
        CompileStep compile = runtime.compile();
        String profile = spec.isolationOrDefault().seccompProfile();
        return new JobPlan(
                JobPlan.VERSION,
                "",
                job.name(),
                UUID.randomUUID().toString(),
                1,
                new PlanProgram(
                        spec.runtime(),
                        runtime.fileName(),
                        runtime.command(),
                        compile == null ? List.of() : compile.command(),
                        runtime.env(),
                        runtime.procOrDefault()),
                files,
                spec.args(),
                spec.env(),
                spec.stdin(),
                spec.outputs(),
                spec.isolationOrDefault().levelOrDefault(),
                null,
                profile == null ? runtime.seccompProfilesOrDefault().getFirst() : profile,
                job.profile(),
                limits(spec, runtime),
                RequiredControls.listed(
                        runtime.requiredControls().stream()
                                .filter(control -> !OF_A_POD.contains(control))
                                .toList(),
                        spec.isolationOrDefault().levelOrDefault(),
                        false));
    }

    /** Writes the job's files into the folder. */
    static void writeSource(SandboxJobSpec spec, Path folder) throws IOException {
        for (SourceFile file : spec.source().inline()) {
            Files.write(folder.resolve(file.name()), ProgramFiles.content(file));
        }
    }

    private static void checkLocal(JobFile job, SandboxRuntimeSpec runtime) {
        SandboxJobSpec spec = job.spec();
        if (spec.source() == null || spec.source().inline().isEmpty()) {
            throw new UserError(
                    "spec.source: only inline files can be run without a cluster; give them inline, or FILE");
        }
        for (SourceFile file : spec.source().inline()) {
            if (file.name() == null || !file.name().matches("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")) {
                throw new UserError("spec.source.inline: '" + file.name()
                        + "' is not allowed as a file's name; give letters, digits, '.', '_' and '-'");
            }
        }
        if (spec.isolationOrDefault().levelOrDefault() == IsolationLevel.Pod) {
            throw new UserError(
                    "--level: Pod is the isolation of a pod, and there is none here: the guest would run with your own user,"
                            + " files and network; give Process");
        }
        if (spec.isolationOrDefault().runtimeClassName() != null) {
            throw new UserError(
                    "--runtime-class-name: a RuntimeClass is the cluster's, and there is none here; leave it out of command"
                            + " line and job");
        }
        String profile = spec.isolationOrDefault().seccompProfile();
        if (job.profile() == null
                && profile != null
                && !runtime.seccompProfilesOrDefault().contains(profile)) {
            throw new UserError("--seccomp-profile: the runtime " + spec.runtime() + " has no profile '" + profile
                    + "'; give " + String.join(" or ", runtime.seccompProfilesOrDefault()) + ", or a FILE.json");
        }
    }

    private static List<SourceFile> programFirst(List<SourceFile> files, String fileName) {
        List<SourceFile> ordered = new ArrayList<>(files);
        files.stream().filter(file -> file.name().equals(fileName)).findFirst().ifPresent(program -> {
            ordered.remove(program);
            ordered.addFirst(program);
        });
        return ordered;
    }

    private static ResolvedLimits limits(SandboxJobSpec spec, SandboxRuntimeSpec runtime) {
        return switch (LimitsResolver.resolve(spec.limitsOrNone(), spec.runtime(), runtime)) {
            case LimitsResolution.Resolved resolved -> resolved.limits();
            case LimitsResolution.Refused refused ->
                throw new UserError(
                        refused.problems().stream().map(Object::toString).collect(Collectors.joining("; ")));
        };
    }

    private LocalPlan() {}
}
