// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A limit the guest met as an error, whether or not it survived. */
@ApiType
public record LimitHit(
        @Required @Size(min = 1, max = 64) @JsonPropertyDescription("The limit, by its field's name in spec.limits.")
        String limit,

        @Size(max = 64) @JsonPropertyDescription("What was allowed, with its unit.") @Nullable
        String allowed,

        @Size(max = 128) @JsonPropertyDescription("What was seen, with its unit, where it is known.") @Nullable
        String observed,

        @Min(1) @JsonPropertyDescription("How often it was met, where it was counted.") @Nullable
        Long count) {}
