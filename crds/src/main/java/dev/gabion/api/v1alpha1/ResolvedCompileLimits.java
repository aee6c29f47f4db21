// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** The compile step's limits as they applied, all of them, in plain units. */
@ApiType
public record ResolvedCompileLimits(
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
        long fileSizeBytes) {}
