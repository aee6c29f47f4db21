// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** What the guest wrote, and where the whole of it is. */
@ApiType
public record Output(
        @JsonPropertyDescription("Standard output.") @Nullable
        StreamOutput stdout,

        @JsonPropertyDescription("Standard error.") @Nullable
        StreamOutput stderr,

        @Size(max = 253)
        @JsonPropertyDescription(
                "ConfigMap in the job's namespace with longer tails, the usage series and the kept files.")
        @Nullable
        String configMapName,

        @Size(max = 512)
        @JsonPropertyDescription("What is missing and why, such as \"the pod's log was gone\", up to 512 characters.")
        @Nullable
        String message) {}
