// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.limits.LimitsResolution;
import dev.gabion.api.limits.LimitsResolution.Refused;
import dev.gabion.api.limits.LimitsResolution.Resolved;
import dev.gabion.api.limits.LimitsResolver;
import dev.gabion.api.v1alpha1.CustomSeccompProfile;
import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.api.v1alpha1.SandboxRuntimeSpec;
import dev.gabion.api.v1alpha1.SeccompProfiles;
import dev.gabion.operator.sandboxjob.Observation.Problem;
import dev.gabion.runner.seccomp.Arch;
import dev.gabion.runner.seccomp.SeccompCompiler;
import dev.gabion.runner.seccomp.SeccompProfile;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Whether a job can run as it is written, against the runtime it names; pure. */
final class Validation {

    /** Bytes a ConfigMap may hold; a little less, for the names of its keys. */
    private static final long PLAN_ROOM = 1_000_000;

    private Validation() {}

    /** What the check came to. */
    sealed interface Outcome {
        /** It can. */
        record Valid(SandboxRuntime runtime, ResolvedLimits limits) implements Outcome {}

        /** It cannot. */
        record Invalid(Problem problem) implements Outcome {}
    }

    static Outcome check(SandboxJob job, @Nullable SandboxRuntime runtime) {
        SandboxJobSpec spec = job.getSpec();
        if (runtime == null) {
            return invalid(
                    Reasons.RUNTIME_NOT_FOUND,
                    "spec.runtime: no SandboxRuntime is called '%s'; kubectl get sandboxruntimes lists them"
                            .formatted(spec.runtime()));
        }
        String profile = spec.isolationOrDefault().seccompProfile();
        List<String> profiles = runtime.getSpec().seccompProfilesOrDefault();
        if (profile != null && !profiles.contains(profile)) {
            return invalid(
                    Reasons.PROFILE_NOT_ALLOWED,
                    "spec.isolation.seccompProfile: the runtime %s does not list '%s'; it allows %s"
                            .formatted(spec.runtime(), profile, String.join(", ", profiles)));
        }
        Problem unusable =
                unusableProfile(profile == null ? profiles.getFirst() : profile, spec.runtime(), runtime.getSpec());
        if (unusable != null) {
            return new Outcome.Invalid(unusable);
        }
        return switch (LimitsResolver.resolve(spec.limitsOrNone(), spec.runtime(), runtime.getSpec())) {
            case Refused(var problems) ->
                invalid(
                        Reasons.LIMIT_REFUSED,
                        problems.stream()
                                .map(LimitsResolution.Problem::toString)
                                .collect(Collectors.joining("; ")));
            case Resolved(var limits) -> sized(job, runtime, limits);
        };
    }

    /** Why a profile that the runtime lists cannot be used. The schema refuses the most of it, but not in older objects. */
    private static @Nullable Problem unusableProfile(String name, String runtimeName, SandboxRuntimeSpec runtime) {
        if (SeccompProfiles.SHIPPED.contains(name)) {
            return null;
        }
        Optional<CustomSeccompProfile> custom = SeccompProfiles.custom(name, runtime);
        if (custom.isEmpty()) {
            return new Problem(
                    Reasons.PROFILE_NOT_FOUND,
                    ("SandboxRuntime %s spec.seccompProfiles: '%s' is neither shipped (%s) nor in"
                                    + " spec.customSeccompProfiles; ask the cluster's administrator")
                            .formatted(runtimeName, name, String.join(", ", SeccompProfiles.SHIPPED)));
        }
        try {
            SeccompProfile profile = SeccompProfile.of(custom.get());
            for (Arch arch : Arch.values()) {
                byte[] unused = SeccompCompiler.compile(profile, arch);
            }
            return null;
        } catch (IllegalArgumentException e) {
            return new Problem(
                    Reasons.PROFILE_INVALID,
                    "SandboxRuntime %s spec.customSeccompProfiles[%s].%s; ask the cluster's administrator"
                            .formatted(runtimeName, name, e.getMessage()));
        }
    }

    private static Outcome sized(SandboxJob job, SandboxRuntime runtime, ResolvedLimits limits) {
        long size = PlanRenderer.size(job, runtime, 1, limits);
        return size > PLAN_ROOM
                ? invalid(
                        Reasons.SOURCE_TOO_LARGE,
                        ("spec.source.inline: files, arguments and stdin together are %d bytes, at most %d fit; put"
                                        + " large files into a ConfigMap and name it in spec.source.configMapRef")
                                .formatted(size, PLAN_ROOM))
                : new Outcome.Valid(runtime, limits);
    }

    private static Outcome invalid(String reason, String message) {
        return new Outcome.Invalid(new Problem(reason, message));
    }
}
