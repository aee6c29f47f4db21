// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** The limits as they applied, all of them, in plain units. */
@ApiType
public record ResolvedLimits(
        @JsonPropertyDescription("CPU rate in thousandths of a core.")
        long cpuMillicores,

        @JsonPropertyDescription("CPU time in milliseconds.")
        long cpuTimeMilliseconds,

        @JsonPropertyDescription("Time on the wall in milliseconds.")
        long wallTimeMilliseconds,

        @JsonPropertyDescription("Memory in bytes.") long memoryBytes,

        @JsonPropertyDescription("Processes and threads at one time.")
        int processes,

        @JsonPropertyDescription("Open files per process.") int openFiles,

        @JsonPropertyDescription("Bytes of stdout and stderr together.")
        long outputBytes,

        @JsonPropertyDescription("Size of one file in bytes.")
        long fileSizeBytes,

        @JsonPropertyDescription("Size of the work directory and temporary files in bytes.")
        long scratchSizeBytes,

        @JsonPropertyDescription("Limits of the compile step, where the runtime has one.") @Nullable
        ResolvedCompileLimits compile) {}
