// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** One link of the chain that explains a verdict. */
@ApiType
public record Reason(
        @Required
        @Size(min = 1, max = 64)
        @JsonPropertyDescription("Constant in PascalCase, documented with the verdict, up to 64 characters.")
        String code,

        @Size(max = 512) @JsonPropertyDescription("Sentence for people, up to 512 characters.") @Nullable
        String message,

        @Size(max = 64)
        @JsonPropertyDescription(
                "The limit it is about, by its field's name in spec.limits, such as memory or compile.memory.")
        @Nullable
        String limit,

        @Size(max = 64) @JsonPropertyDescription("What was allowed, with its unit.") @Nullable
        String allowed,

        @Size(max = 128)
        @JsonPropertyDescription("What was seen, with its unit; for SecurityViolation the system call by name.")
        @Nullable
        String observed) {

    /** A reason that is about no limit. */
    public static Reason of(String code, String message) {
        return new Reason(code, message, null, null, null);
    }
}
