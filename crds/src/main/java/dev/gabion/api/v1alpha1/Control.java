// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** What the probe of one control found. */
@ApiType
public record Control(
        @Required @JsonPropertyDescription("Name of the control.")
        ControlName name,

        @Required
        @JsonPropertyDescription(
                "What the probe found: Present, Absent, NotApplicable, Enforced, NotEnforced or Unknown.")
        ControlState state,

        @Size(max = 256)
        @JsonPropertyDescription("What the probe saw, up to 256 characters, such as \"unshare: EPERM\".")
        @Nullable
        String evidence) {}
