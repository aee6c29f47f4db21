// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A file the job asked to keep. */
@ApiType
public record OutputFile(
        @Required @Size(min = 1, max = 256) @JsonPropertyDescription("Path in the guest's work directory.")
        String path,

        @Min(0) @JsonPropertyDescription("Size in bytes.") @Nullable
        Long bytes,

        @Size(max = 64) @JsonPropertyDescription("SHA-256 of the file in hexadecimal.") @Nullable
        String sha256,

        @JsonPropertyDescription("Whether the file was kept.") @Nullable
        Boolean stored,

        @Size(max = 253) @JsonPropertyDescription("Its key in the result store, where it was kept.") @Nullable
        String key,

        @Size(max = 256)
        @JsonPropertyDescription("Why it was not kept, such as \"larger than 512 KiB\" or \"a symbolic link\".")
        @Nullable
        String message) {}
