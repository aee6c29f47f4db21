// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/** What the guest may use. A field that is absent takes the runtime's default; none may exceed the runtime's maximum. */
@ApiType
public record Limits(
        @ValidationRule(
                value = Cel.AT_LEAST + "10m" + Cel.AT_MOST + "256" + Cel.END,
                message = "cpu must be a quantity from 10m to 256")
        @JsonPropertyDescription("CPU as a rate, as a quantity of cores, 10m to 256. Default: the runtime's.")
        @Nullable
        Quantity cpu,

        @Min(1)
        @Max(86_400_000)
        @JsonPropertyDescription(
                "CPU time of the guest with all its children, in milliseconds, 1 to 86400000. Exceeding it ends the"
                        + " guest with CpuTimeExceeded. Default: the runtime's.")
        @Nullable
        Long cpuTimeMilliseconds,

        @Min(1)
        @Max(86_400_000)
        @JsonPropertyDescription("Time on the wall, in milliseconds, 1 to 86400000. Exceeding it ends the guest with"
                + " WallTimeExceeded. Default: the runtime's.")
        @Nullable
        Long wallTimeMilliseconds,

        @ValidationRule(
                value = Cel.AT_LEAST + "1Mi" + Cel.AT_MOST + "1Ti" + Cel.END,
                message = "memory must be a quantity from 1Mi to 1Ti")
        @JsonPropertyDescription(
                "Memory of the guest with all its children, as a quantity of bytes, 1Mi to 1Ti. Exceeding it ends"
                        + " the guest with MemoryExceeded. Default: the runtime's.")
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
                "Bytes the guest may write to stdout and stderr together, 1 to 1073741824; the output is cut at"
                        + " exactly this byte and the guest ended with OutputExceeded. Default: the runtime's.")
        @Nullable
        Long outputBytes,

        @ValidationRule(
                value = Cel.AT_LEAST + "1" + Cel.AT_MOST + "1Ti" + Cel.END,
                message = "fileSize must be a quantity from 1 to 1Ti")
        @JsonPropertyDescription("Size of one file, as a quantity of bytes, 1 to 1Ti. Default: the runtime's.")
        @Nullable
        Quantity fileSize,

        @ValidationRule(
                value = Cel.AT_LEAST + "64Ki" + Cel.AT_MOST + "1Ti" + Cel.END,
                message = "scratchSize must be a quantity from 64Ki to 1Ti")
        @JsonPropertyDescription(
                "Size of the guest's work directory and temporary files, as a quantity of bytes, 64Ki to 1Ti; it is"
                        + " memory and counts for the pod's. Default: the runtime's.")
        @Nullable
        Quantity scratchSize,

        @JsonPropertyDescription("The same for the compile step of runtimes that have one.") @Nullable
        CompileLimits compile)
        implements CommonLimits {

    /** No limit given. */
    public static final Limits NONE = new Limits(null, null, null, null, null, null, null, null, null, null);

    /** A builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder with everything as here. */
    public Builder toBuilder() {
        return new Builder()
                .cpu(cpu)
                .cpuTimeMilliseconds(cpuTimeMilliseconds)
                .wallTimeMilliseconds(wallTimeMilliseconds)
                .memory(memory)
                .processes(processes)
                .openFiles(openFiles)
                .outputBytes(outputBytes)
                .fileSize(fileSize)
                .scratchSize(scratchSize)
                .compile(compile);
    }

    /** Builds a {@link Limits}; what is not set is absent. */
    public static final class Builder {
        private @Nullable Quantity cpu;
        private @Nullable Long cpuTimeMilliseconds;
        private @Nullable Long wallTimeMilliseconds;
        private @Nullable Quantity memory;
        private @Nullable Integer processes;
        private @Nullable Integer openFiles;
        private @Nullable Long outputBytes;
        private @Nullable Quantity fileSize;
        private @Nullable Quantity scratchSize;
        private @Nullable CompileLimits compile;

        private Builder() {}

        public Builder cpu(@Nullable Quantity cpu) {
            this.cpu = cpu;
            return this;
        }

        public Builder cpuTimeMilliseconds(@Nullable Long cpuTimeMilliseconds) {
            this.cpuTimeMilliseconds = cpuTimeMilliseconds;
            return this;
        }

        public Builder wallTimeMilliseconds(@Nullable Long wallTimeMilliseconds) {
            this.wallTimeMilliseconds = wallTimeMilliseconds;
            return this;
        }

        public Builder memory(@Nullable Quantity memory) {
            this.memory = memory;
            return this;
        }

        public Builder processes(@Nullable Integer processes) {
            this.processes = processes;
            return this;
        }

        public Builder openFiles(@Nullable Integer openFiles) {
            this.openFiles = openFiles;
            return this;
        }

        public Builder outputBytes(@Nullable Long outputBytes) {
            this.outputBytes = outputBytes;
            return this;
        }

        public Builder fileSize(@Nullable Quantity fileSize) {
            this.fileSize = fileSize;
            return this;
        }

        public Builder scratchSize(@Nullable Quantity scratchSize) {
            this.scratchSize = scratchSize;
            return this;
        }

        public Builder compile(@Nullable CompileLimits compile) {
            this.compile = compile;
            return this;
        }

        /** The record. */
        public Limits build() {
            return new Limits(
                    cpu,
                    cpuTimeMilliseconds,
                    wallTimeMilliseconds,
                    memory,
                    processes,
                    openFiles,
                    outputBytes,
                    fileSize,
                    scratchSize,
                    compile);
        }
    }
}
