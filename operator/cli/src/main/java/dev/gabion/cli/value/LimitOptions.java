// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.value;

import dev.gabion.api.v1alpha1.CompileLimits;
import dev.gabion.api.v1alpha1.Limits;
import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A flag for each field of {@code spec.limits}. */
public final class LimitOptions {
    @Option(
            names = "--cpu",
            paramLabel = "CORES",
            converter = LimitConverters.Cpu.class,
            description = "CPU as a rate: 500m, 0.5, 2. On one machine refused where it cannot be kept: see doctor.")
    private @Nullable Quantity cpu;

    @Option(
            names = {"--cpu-time-milliseconds", "--cpu-time"},
            paramLabel = "TIME",
            converter = LimitConverters.Time.class,
            description = "CPU time of the guest with all its children: 1500, 500ms, 2s, 1m.")
    private @Nullable Long cpuTimeMilliseconds;

    @Option(
            names = {"--wall-time-milliseconds", "--wall-time"},
            paramLabel = "TIME",
            converter = LimitConverters.Time.class,
            description = "Time on the wall: 1500, 500ms, 2s, 1m.")
    private @Nullable Long wallTimeMilliseconds;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = LimitConverters.Memory.class,
            description = "Memory of the guest with all its children: 64Mi, 1Gi.")
    private @Nullable Quantity memory;

    @Option(
            names = "--processes",
            paramLabel = "N",
            converter = LimitConverters.Processes.class,
            description = "Processes and threads at one time, 1 to 32768.")
    private @Nullable Integer processes;

    @Option(
            names = "--open-files",
            paramLabel = "N",
            converter = LimitConverters.OpenFiles.class,
            description = "Open files per process, 8 to 65536.")
    private @Nullable Integer openFiles;

    @Option(
            names = "--output-bytes",
            paramLabel = "SIZE",
            converter = LimitConverters.OutputBytes.class,
            description = "What the guest may write to stdout and stderr together: 4096, 64Ki, 1Mi.")
    private @Nullable Long outputBytes;

    @Option(
            names = "--file-size",
            paramLabel = "SIZE",
            converter = LimitConverters.Size.class,
            description = "Size of one file: 1Mi.")
    private @Nullable Quantity fileSize;

    @Option(
            names = "--scratch-size",
            paramLabel = "SIZE",
            converter = LimitConverters.Size.class,
            description = "Size of the work directory and temporary files together: 64Mi.")
    private @Nullable Quantity scratchSize;

    @Option(
            names = {"--compile-cpu-time-milliseconds", "--compile-cpu-time"},
            paramLabel = "TIME",
            converter = LimitConverters.Time.class,
            description = "CPU time of the compile step with all its children.")
    private @Nullable Long compileCpuTimeMilliseconds;

    @Option(
            names = {"--compile-wall-time-milliseconds", "--compile-wall-time"},
            paramLabel = "TIME",
            converter = LimitConverters.Time.class,
            description = "Time on the wall of the compile step.")
    private @Nullable Long compileWallTimeMilliseconds;

    @Option(
            names = "--compile-memory",
            paramLabel = "SIZE",
            converter = LimitConverters.Memory.class,
            description = "Memory of the compile step with all its children.")
    private @Nullable Quantity compileMemory;

    @Option(
            names = "--compile-processes",
            paramLabel = "N",
            converter = LimitConverters.Processes.class,
            description = "Processes and threads of the compile step at one time, 1 to 32768.")
    private @Nullable Integer compileProcesses;

    @Option(
            names = "--compile-open-files",
            paramLabel = "N",
            converter = LimitConverters.OpenFiles.class,
            description = "Open files per process of the compile step, 8 to 65536.")
    private @Nullable Integer compileOpenFiles;

    @Option(
            names = "--compile-output-bytes",
            paramLabel = "SIZE",
            converter = LimitConverters.OutputBytes.class,
            description = "What the compile step may write to stdout and stderr together: 4096, 64Ki, 1Mi.")
    private @Nullable Long compileOutputBytes;

    @Option(
            names = "--compile-file-size",
            paramLabel = "SIZE",
            converter = LimitConverters.Size.class,
            description = "Size of one file of the compile step: 1Mi.")
    private @Nullable Quantity compileFileSize;

    /** These limits over others: what was given here wins. */
    public Limits over(Limits base) {
        CompileLimits compile = base.compile() == null ? CompileLimits.NONE : base.compile();
        CompileLimits merged = new CompileLimits(
                or(compileCpuTimeMilliseconds, compile.cpuTimeMilliseconds()),
                or(compileWallTimeMilliseconds, compile.wallTimeMilliseconds()),
                or(compileMemory, compile.memory()),
                or(compileProcesses, compile.processes()),
                or(compileOpenFiles, compile.openFiles()),
                or(compileOutputBytes, compile.outputBytes()),
                or(compileFileSize, compile.fileSize()));
        return new Limits(
                or(cpu, base.cpu()),
                or(cpuTimeMilliseconds, base.cpuTimeMilliseconds()),
                or(wallTimeMilliseconds, base.wallTimeMilliseconds()),
                or(memory, base.memory()),
                or(processes, base.processes()),
                or(openFiles, base.openFiles()),
                or(outputBytes, base.outputBytes()),
                or(fileSize, base.fileSize()),
                or(scratchSize, base.scratchSize()),
                merged.equals(CompileLimits.NONE) ? null : merged);
    }

    private static <T> @Nullable T or(@Nullable T first, @Nullable T second) {
        return first == null ? second : first;
    }
}
