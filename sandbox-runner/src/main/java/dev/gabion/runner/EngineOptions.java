// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is about this machine and not about the job.
 *
 * @param launcher path of gabion-launch
 * @param sourceDirectory where the plan's files are
 * @param scratchDirectory an existing directory to work in; the engine makes one of its own inside and removes it.
 *     Its path is at most 60 bytes long (a socket lies in it)
 * @param inPod true: this process is a job's runner pod, so the pod's own controls are probed and the pod's cgroup is
 *     the job's
 * @param podIsolation how the pod is probed; used only {@code inPod}
 * @param outsideUid who the guest is to the kernel when this process is root; ignored otherwise
 * @param learn true: calls that the profile does not allow are reported and let through ({@code profile learn})
 * @param testSwitches {@code GBL_OFF_*} for gabion-launch-test, 0 for the real launcher
 * @param maxKeptBytes most bytes of kept files together
 * @param maxKeptFiles most kept files
 */
public record EngineOptions(
        Path launcher,
        Path sourceDirectory,
        Path scratchDirectory,
        boolean inPod,
        PodProbes podIsolation,
        int outsideUid,
        boolean learn,
        int testSwitches,
        long maxKeptBytes,
        int maxKeptFiles) {

    /** nobody: owns nothing on a Debian system. */
    public static final int NOBODY = 65_534;

    static final Duration LAUNCHER_TIMEOUT = Duration.ofSeconds(10);

    /** For one machine without a cluster. */
    public static EngineOptions local(Path launcher, Path sourceDirectory) {
        return new EngineOptions(
                launcher,
                sourceDirectory,
                Path.of(System.getProperty("java.io.tmpdir", "/tmp")),
                false,
                PodProbes.NONE,
                NOBODY,
                false,
                0,
                16L * 1024 * 1024,
                64);
    }

    /** For the runner in a job's pod. */
    public static EngineOptions pod(Path launcher, Path sourceDirectory, Path scratchDirectory) {
        return new EngineOptions(
                launcher, sourceDirectory, scratchDirectory, true, PodProbes.real(), NOBODY, false, 0, 512L * 1024, 32);
    }

    public EngineOptions withScratchDirectory(Path directory) {
        return new EngineOptions(
                launcher,
                sourceDirectory,
                directory,
                inPod,
                podIsolation,
                outsideUid,
                learn,
                testSwitches,
                maxKeptBytes,
                maxKeptFiles);
    }

    public EngineOptions withLearn(boolean on) {
        return new EngineOptions(
                launcher,
                sourceDirectory,
                scratchDirectory,
                inPod,
                podIsolation,
                outsideUid,
                on,
                testSwitches,
                maxKeptBytes,
                maxKeptFiles);
    }

    /** Where the launcher usually is: beside the runner's image, or where the build puts it. Null: nowhere. */
    public static @Nullable Path findLauncher() {
        String given = System.getenv("GABION_LAUNCHER");
        if (given != null && !given.isEmpty()) {
            return Path.of(given);
        }
        Path installed = Path.of("/opt/gabion/bin/gabion-launch");
        return java.nio.file.Files.isExecutable(installed) ? installed : null;
    }
}
