// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.ProcMount;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.operator.sandboxjob.Conditions.Say;
import org.jspecify.annotations.Nullable;

/** What a namespace enforces about all its pods, and what its jobs say about that; pure. */
sealed interface PodSecurity {
    /** kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces */
    String LABEL = "pod-security.kubernetes.io/enforce";

    String RESTRICTED = "restricted";

    /**
     * Read.
     *
     * @param level the label's value, empty without one
     */
    record Enforced(String namespace, String level) implements PodSecurity {}

    /** The operator may not read the namespace, or it is gone. */
    record Unreadable(String namespace) implements PodSecurity {}

    /** The condition NamespaceReady. */
    static Say condition(PodSecurity found, @Nullable SandboxRuntime runtime) {
        return switch (found) {
            case Enforced enforced
            when enforced.level().equals(RESTRICTED) ->
                Say.yes(Reasons.POD_SECURITY_ENFORCED, "the namespace enforces Pod Security restricted");
            case Enforced(var namespace, var level) ->
                Say.no(
                        Reasons.POD_SECURITY_NOT_ENFORCED,
                        "%s; the job's own pod is held to it all the same, other pods are not; %s"
                                .formatted(missing(namespace, level), remedy(namespace, runtime)));
            case Unreadable(var namespace) ->
                Say.unknown(
                        Reasons.NAMESPACE_NOT_READABLE,
                        "the operator may not get namespace %s; its chart's role gabion-operator-watched allows it"
                                .formatted(namespace));
        };
    }

    private static String missing(String namespace, String level) {
        return level.isEmpty()
                ? "namespace %s has no label %s".formatted(namespace, LABEL)
                : "namespace %s enforces Pod Security %s, which is not restricted".formatted(namespace, level);
    }

    private static String remedy(String namespace, @Nullable SandboxRuntime runtime) {
        return runtime != null && runtime.getSpec().procOrDefault() == ProcMount.Private
                ? "runtime %s gives its guests a /proc of their own, which restricted does not admit"
                        .formatted(runtime.getMetadata().getName())
                : "to enforce it: kubectl label --overwrite namespace %s %s=%s".formatted(namespace, LABEL, RESTRICTED);
    }
}
