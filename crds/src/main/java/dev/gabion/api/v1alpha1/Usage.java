// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the guest alone used, without the runner. */
@ApiType
public record Usage(
        @Min(0) @JsonPropertyDescription("CPU time of the guest with all its children, in milliseconds.") @Nullable
        Long cpuTimeMilliseconds,

        @JsonPropertyDescription("true: the CPU time is a lower bound, because children could have escaped the count.")
        @Nullable
        Boolean cpuTimeLowerBound,

        @Min(0) @JsonPropertyDescription("Time on the wall, in milliseconds.") @Nullable
        Long wallTimeMilliseconds,

        @Min(0) @JsonPropertyDescription("Most memory at one time, in bytes.") @Nullable
        Long peakMemoryBytes,

        @Min(0) @JsonPropertyDescription("Most processes and threads at one time.") @Nullable
        Integer peakProcesses,

        @Min(0) @JsonPropertyDescription("Bytes read.") @Nullable
        Long readBytes,

        @Min(0) @JsonPropertyDescription("Bytes written.") @Nullable
        Long writtenBytes,

        @Size(max = 120)
        @JsonPropertyDescription(
                "Course over time, thinned out to at most 120 samples; the whole is in the result store.")
        List<UsageSample> series) {

    /** Most samples in a status. */
    public static final int MAX_SERIES = 120;

    public Usage {
        series = Copies.of(series);
    }

    /** The same without its course. */
    public Usage withoutSeries() {
        return withSeries(List.of());
    }

    /** The same with another course. */
    public Usage withSeries(List<UsageSample> samples) {
        return new Usage(
                cpuTimeMilliseconds,
                cpuTimeLowerBound,
                wallTimeMilliseconds,
                peakMemoryBytes,
                peakProcesses,
                readBytes,
                writtenBytes,
                samples);
    }

    /** A builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder with everything as here. */
    public Builder toBuilder() {
        return new Builder()
                .cpuTimeMilliseconds(cpuTimeMilliseconds)
                .cpuTimeLowerBound(cpuTimeLowerBound)
                .wallTimeMilliseconds(wallTimeMilliseconds)
                .peakMemoryBytes(peakMemoryBytes)
                .peakProcesses(peakProcesses)
                .readBytes(readBytes)
                .writtenBytes(writtenBytes)
                .series(series);
    }

    /** Builds a {@link Usage}; what is not set is absent. */
    public static final class Builder {
        private @Nullable Long cpuTimeMilliseconds;
        private @Nullable Boolean cpuTimeLowerBound;
        private @Nullable Long wallTimeMilliseconds;
        private @Nullable Long peakMemoryBytes;
        private @Nullable Integer peakProcesses;
        private @Nullable Long readBytes;
        private @Nullable Long writtenBytes;
        private List<UsageSample> series = List.of();

        private Builder() {}

        public Builder cpuTimeMilliseconds(@Nullable Long cpuTimeMilliseconds) {
            this.cpuTimeMilliseconds = cpuTimeMilliseconds;
            return this;
        }

        public Builder cpuTimeLowerBound(@Nullable Boolean cpuTimeLowerBound) {
            this.cpuTimeLowerBound = cpuTimeLowerBound;
            return this;
        }

        public Builder wallTimeMilliseconds(@Nullable Long wallTimeMilliseconds) {
            this.wallTimeMilliseconds = wallTimeMilliseconds;
            return this;
        }

        public Builder peakMemoryBytes(@Nullable Long peakMemoryBytes) {
            this.peakMemoryBytes = peakMemoryBytes;
            return this;
        }

        public Builder peakProcesses(@Nullable Integer peakProcesses) {
            this.peakProcesses = peakProcesses;
            return this;
        }

        public Builder readBytes(@Nullable Long readBytes) {
            this.readBytes = readBytes;
            return this;
        }

        public Builder writtenBytes(@Nullable Long writtenBytes) {
            this.writtenBytes = writtenBytes;
            return this;
        }

        public Builder series(List<UsageSample> series) {
            this.series = series;
            return this;
        }

        /** The record. */
        public Usage build() {
            return new Usage(
                    cpuTimeMilliseconds,
                    cpuTimeLowerBound,
                    wallTimeMilliseconds,
                    peakMemoryBytes,
                    peakProcesses,
                    readBytes,
                    writtenBytes,
                    series);
        }
    }
}
