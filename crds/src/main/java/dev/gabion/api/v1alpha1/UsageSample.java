// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** What the guest used up to, or at, one moment. */
@ApiType
public record UsageSample(
        @Required @Min(0) @JsonPropertyDescription("Milliseconds since the guest started.")
        long offsetMilliseconds,

        @Min(0)
        @JsonPropertyDescription("CPU time since the guest started, in milliseconds (a sum: the rate is the slope).")
        @Nullable
        Long cpuTimeMilliseconds,

        @Min(0) @JsonPropertyDescription("Memory at this moment, in bytes.") @Nullable
        Long memoryBytes,

        @Min(0) @JsonPropertyDescription("Processes at this moment.") @Nullable
        Integer processes,

        @Min(0) @JsonPropertyDescription("Bytes read since the guest started.") @Nullable
        Long readBytes,

        @Min(0) @JsonPropertyDescription("Bytes written since the guest started.") @Nullable
        Long writtenBytes) {}
