// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import dev.gabion.api.v1alpha1.ResolvedCompileLimits;
import dev.gabion.api.v1alpha1.ResolvedLimits;

/**
 * The limits of one step: the compile step or the run. Bytes and milliseconds.
 *
 * @param prefix of a limit's field name: empty, or {@code compile.}
 */
record StepLimits(
        String prefix,
        long cpuTimeMilliseconds,
        long wallTimeMilliseconds,
        long memoryBytes,
        int processes,
        int openFiles,
        long outputBytes,
        long fileSizeBytes,
        long scratchSizeBytes) {
    private static final long BYTES_PER_FILE = 4096;
    private static final long MIN_FILES = 256;
    private static final long MAX_FILES = 65_536;

    static StepLimits run(ResolvedLimits limits) {
        return new StepLimits(
                "",
                limits.cpuTimeMilliseconds(),
                limits.wallTimeMilliseconds(),
                limits.memoryBytes(),
                limits.processes(),
                limits.openFiles(),
                limits.outputBytes(),
                limits.fileSizeBytes(),
                limits.scratchSizeBytes());
    }

    /** How many files and directories the work directory may hold: one for each 4 KiB, 256 to 65,536. */
    long scratchFiles() {
        return Math.clamp(scratchSizeBytes / BYTES_PER_FILE, MIN_FILES, MAX_FILES);
    }

    /** A runtime with a compile step and no limits for it gives it the run's. */
    static StepLimits compile(ResolvedLimits limits) {
        ResolvedCompileLimits compile = limits.compile();
        if (compile == null) {
            StepLimits run = run(limits);
            return new StepLimits(
                    "compile.",
                    run.cpuTimeMilliseconds,
                    run.wallTimeMilliseconds,
                    run.memoryBytes,
                    run.processes,
                    run.openFiles,
                    run.outputBytes,
                    run.fileSizeBytes,
                    run.scratchSizeBytes);
        }
        return new StepLimits(
                "compile.",
                compile.cpuTimeMilliseconds(),
                compile.wallTimeMilliseconds(),
                compile.memoryBytes(),
                compile.processes(),
                compile.openFiles(),
                compile.outputBytes(),
                compile.fileSizeBytes(),
                limits.scratchSizeBytes());
    }
}
