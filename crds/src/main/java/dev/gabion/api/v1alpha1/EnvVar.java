// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** An environment variable of the guest. */
@ApiType
public record EnvVar(
        @Required
        @Size(min = 1, max = 128)
        @Pattern("^[A-Za-z_][A-Za-z0-9_]*$")
        @JsonPropertyDescription(
                "Name: letters, digits and underscore, not starting with a digit, 1 to 128 characters.")
        String name,

        @Required
        @Size(max = 4096)
        @Pattern(Cel.NO_NUL)
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @JsonPropertyDescription(
                "Value, taken literally, up to 4096 characters. References such as $(NAME) are not expanded.")
        String value) {}
