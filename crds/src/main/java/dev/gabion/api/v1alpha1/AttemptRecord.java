// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** One attempt to run the job. */
@ApiType
public record AttemptRecord(
        @Required @Min(1) @JsonPropertyDescription("Number of the attempt, counted from 1.")
        int number,

        @Size(max = 253) @JsonPropertyDescription("Name of its pod.") @Nullable
        String podName,

        @Size(max = 64) @JsonPropertyDescription("uid of its pod.") @Nullable
        String podUid,

        @Size(max = 253) @JsonPropertyDescription("Node it ran on.") @Nullable
        String nodeName,

        @Size(max = 64) @JsonPropertyDescription("When it was started, RFC 3339.") @Nullable
        String startTime,

        @Size(max = 64) @JsonPropertyDescription("When it ended, RFC 3339.") @Nullable
        String completionTime,

        @Size(max = 64)
        @JsonPropertyDescription(
                "How it ended: Finished, or why the infrastructure failed it, such as PodDeleted or NodeLost.")
        @Nullable
        String outcome,

        @Size(max = 512) @JsonPropertyDescription("Sentence for people, up to 512 characters.") @Nullable
        String message) {}
