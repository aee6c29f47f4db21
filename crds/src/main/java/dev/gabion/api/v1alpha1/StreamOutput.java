// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** What the guest wrote to one stream. */
@ApiType
public record StreamOutput(
        @Size(max = 4096)
        @JsonPropertyDescription(
                "The last of it, up to 4096 characters, with everything escaped that a terminal would obey.")
        @Nullable
        String tail,

        @Min(0) @JsonPropertyDescription("Bytes the guest wrote, as far as they were accepted.") @Nullable
        Long bytes,

        @JsonPropertyDescription("true: the guest wrote more, and it was cut at its limit.") @Nullable
        Boolean truncated) {}
