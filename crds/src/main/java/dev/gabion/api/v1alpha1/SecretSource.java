// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** All keys of a Secret in the job's namespace, each a file. */
@ApiType
public record SecretSource(
        @Required
        @Size(min = 1, max = 253)
        @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
        @JsonPropertyDescription(
                "Name of a Secret in the job's namespace, up to 253 characters. It must carry the label"
                        + " gabion.dev/sandbox-source: \"true\", or whoever may create jobs could read any Secret. Every key becomes"
                        + " a file; the program is the key that equals the runtime's fileName.")
        String name) {}
