// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.chart;

import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.api.v1alpha1.UsageSample;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the chart draws, in the units it draws it in.
 *
 * @param seconds the moments of the memory
 * @param mebibytes the memory at each
 * @param rateSeconds the moments of the CPU rate
 * @param cpuPercent the CPU rate of the time before each; 100 is one core
 * @param cpuLimitPercent the CPU rate allowed
 * @param memoryLimitMebibytes the memory allowed
 * @param sampled false where there was no course and the totals stand in for it
 */
record UsageSeries(
        List<Double> seconds,
        List<Double> mebibytes,
        List<Double> rateSeconds,
        List<Double> cpuPercent,
        @Nullable Double cpuLimitPercent,
        @Nullable Double memoryLimitMebibytes,
        boolean sampled) {

    private static final double MEBIBYTE = 1 << 20;

    private static final long MIN_WINDOW_MILLISECONDS = 40;

    static UsageSeries of(Usage usage, @Nullable ResolvedLimits limits) {
        List<Double> seconds = new ArrayList<>();
        List<Double> mebibytes = new ArrayList<>();
        List<Double> rateSeconds = new ArrayList<>();
        List<Double> percent = new ArrayList<>();
        boolean sampled = usage.series().size() >= 2;
        List<UsageSample> samples = sampled ? usage.series() : totals(usage);
        long window = window(samples.getLast().offsetMilliseconds());
        long lastOffset = 0;
        long lastCpu = 0;
        for (UsageSample sample : samples) {
            double at = sample.offsetMilliseconds() / 1000.0;
            if (sample.memoryBytes() != null) {
                seconds.add(at);
                mebibytes.add(sample.memoryBytes() / MEBIBYTE);
            }
            Long cpu = sample.cpuTimeMilliseconds();
            long passed = sample.offsetMilliseconds() - lastOffset;
            if (cpu != null && passed >= window) {
                if (rateSeconds.isEmpty()) {
                    rateSeconds.add(lastOffset / 1000.0);
                    percent.add(100.0 * (cpu - lastCpu) / passed);
                }
                rateSeconds.add(at);
                percent.add(Math.max(0, 100.0 * (cpu - lastCpu) / passed));
                lastOffset = sample.offsetMilliseconds();
                lastCpu = cpu;
            }
        }
        return new UsageSeries(
                seconds,
                mebibytes,
                rateSeconds,
                percent,
                limits == null || limits.cpuMillicores() <= 0 ? null : limits.cpuMillicores() / 10.0,
                limits == null || limits.memoryBytes() <= 0 ? null : limits.memoryBytes() / MEBIBYTE,
                sampled);
    }

    /** The last moment of any of it, at least a millisecond. */
    double end() {
        double end = 0.001;
        end = seconds.isEmpty() ? end : Math.max(end, seconds.getLast());
        return rateSeconds.isEmpty() ? end : Math.max(end, rateSeconds.getLast());
    }

    /**
     * The shortest time a rate is drawn of: CPU time is counted in ticks, so that the rate between two samples that lie
     * close together says nothing.
     */
    static long window(long wholeMilliseconds) {
        return Math.max(1, Math.min(MIN_WINDOW_MILLISECONDS, wholeMilliseconds));
    }

    /** A job too short to be sampled: its average and its peak as level lines. */
    private static List<UsageSample> totals(Usage usage) {
        long wall = usage.wallTimeMilliseconds() == null ? 1 : Math.max(1, usage.wallTimeMilliseconds());
        return List.of(
                new UsageSample(0, 0L, usage.peakMemoryBytes(), null, null, null),
                new UsageSample(wall, usage.cpuTimeMilliseconds(), usage.peakMemoryBytes(), null, null, null));
    }
}
