// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** The walls around the guest. What is asked for and cannot be given is refused, never silently less. */
@ApiType
public record Isolation(
        @Default("Process")
        @JsonPropertyDescription(
                "Process: the pod, and inside it new namespaces, an own root and system-call filter. Pod: the"
                        + " pod's own walls only, for clusters whose pods may not create user namespaces. Default Process.")
        @Nullable
        IsolationLevel level,

        @Size(min = 1, max = 253)
        @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
        @JsonPropertyDescription(
                "Name of a RuntimeClass of the cluster (gVisor, Kata) the pod is to run under. Default: none.")
        @Nullable
        String runtimeClassName,

        @Size(min = 1, max = 63)
        @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
        @JsonPropertyDescription(
                "Name of the guest's system-call profile, one of those the SandboxRuntime lists. Default: the"
                        + " first it lists.")
        @Nullable
        String seccompProfile) {

    /** What a job gets that says nothing. */
    public static final Isolation DEFAULT = new Isolation(IsolationLevel.Process, null, null);

    /** The level, the default where none is given. */
    public IsolationLevel levelOrDefault() {
        return level == null ? IsolationLevel.Process : level;
    }
}
