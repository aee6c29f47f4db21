// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.meter;

/**
 * One measurement of the whole tree.
 *
 * @param cpuNanos since the guest started
 * @param memoryBytes now, without the files of the work directory
 * @param processes processes and threads now
 * @param readBytes through read calls since the guest started, of what is alive or was waited for
 * @param writtenBytes through write calls, likewise
 * @param openFiles most descriptors of one process now; 0 where this time nobody counted
 * @param scratchBytes in the work directory now
 * @param scratchOver it holds more than it may, and no file system refuses that
 * @param oomKills of the cgroup since the guest started
 */
public record Reading(
        long cpuNanos,
        long memoryBytes,
        int processes,
        long readBytes,
        long writtenBytes,
        int openFiles,
        long scratchBytes,
        boolean scratchOver,
        long oomKills) {

    public static final Reading NOTHING = new Reading(0, 0, 0, 0, 0, 0, 0, false, 0);
}
