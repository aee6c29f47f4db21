// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/** Limits of the compile step. CPU rate and scratch space are the job's. */
@ApiType
public record CompileLimits(
        @Min(1)
        @Max(86_400_000)
        @JsonPropertyDescription(
                "CPU time of the compile step with all its children, in milliseconds, 1 to 86400000. Default: the"
                        + " runtime's.")
        @Nullable
        Long cpuTimeMilliseconds,

        @Min(1)
        @Max(86_400_000)
        @JsonPropertyDescription(
                "Time on the wall the compile step may take, in milliseconds, 1 to 86400000. Default: the"
                        + " runtime's.")
        @Nullable
        Long wallTimeMilliseconds,

        @ValidationRule(
                value = Cel.AT_LEAST + "1Mi" + Cel.AT_MOST + "1Ti" + Cel.END,
                message = "memory must be a quantity from 1Mi to 1Ti")
        @JsonPropertyDescription(
                "Memory of the compile step, as a quantity of bytes, 1Mi to 1Ti. Default: the runtime's.")
        @Nullable
        Quantity memory,

        @Min(1)
        @Max(32_768)
        @JsonPropertyDescription("Processes and threads at one time, 1 to 32768. Default: the runtime's.")
        @Nullable
        Integer processes,

        @Min(8)
        @Max(65_536)
        @JsonPropertyDescription("Open files per process, 8 to 65536. Default: the runtime's.")
        @Nullable
        Integer openFiles,

        @Min(1)
        @Max(1_073_741_824)
        @JsonPropertyDescription(
                "Bytes the compiler may write to stdout and stderr together, 1 to 1073741824. Default: the"
                        + " runtime's.")
        @Nullable
        Long outputBytes,

        @ValidationRule(
                value = Cel.AT_LEAST + "1" + Cel.AT_MOST + "1Ti" + Cel.END,
                message = "fileSize must be a quantity from 1 to 1Ti")
        @JsonPropertyDescription("Size of one file, as a quantity of bytes, 1 to 1Ti. Default: the runtime's.")
        @Nullable
        Quantity fileSize)
        implements CommonLimits {

    /** No limit given. */
    public static final CompileLimits NONE = new CompileLimits(null, null, null, null, null, null, null);
}
