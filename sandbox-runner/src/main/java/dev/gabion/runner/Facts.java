// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import org.jspecify.annotations.Nullable;

/**
 * Everything a verdict about one step is decided from.
 *
 * @param compile true: the compile step
 * @param limits of the step
 * @param stop why the engine ended it
 * @param violation the system call that ended it, as a person reads it
 * @param signalled true: {@code code} is the signal that ended the first process, else its exit code
 * @param cpuMilliseconds of the whole tree
 * @param cpuLowerBound true: children could have escaped that count
 * @param wallMilliseconds from start to the first process' end
 * @param peakMemoryBytes of the whole tree with its files in memory
 * @param peakProcesses processes and threads
 * @param peakOpenFiles most descriptors of one process, as far as seen
 * @param peakScratchBytes most bytes in the work directory
 * @param largestFileBytes largest file left in the work directory
 * @param oomKills processes that the kernel killed for memory in the job's cgroup
 * @param outputBytes accepted of both streams
 * @param outputCut true: there was more
 */
record Facts(
        boolean compile,
        StepLimits limits,
        Stop stop,
        @Nullable String violation,
        boolean signalled,
        int code,
        long cpuMilliseconds,
        boolean cpuLowerBound,
        long wallMilliseconds,
        long peakMemoryBytes,
        int peakProcesses,
        int peakOpenFiles,
        long peakScratchBytes,
        long largestFileBytes,
        long oomKills,
        long outputBytes,
        boolean outputCut) {

    boolean endedBadly() {
        return signalled || code != 0;
    }
}
