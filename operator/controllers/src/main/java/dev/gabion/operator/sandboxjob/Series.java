// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.UsageSample;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A course of samples that stays within a bound, however long the job runs. */
final class Series {
    private final int most;
    private final List<UsageSample> samples = new ArrayList<>();
    private int stride = 1;
    private int offered;

    Series(int most) {
        this.most = most;
    }

    /** Takes a sample; once there are too many, every second goes. */
    void add(UsageSample sample) {
        if (offered++ % stride == 0) {
            samples.add(sample);
        }
        if (samples.size() > most) {
            List<UsageSample> kept = IntStream.range(0, samples.size())
                    .filter(index -> index % 2 == 0)
                    .mapToObj(samples::get)
                    .toList();
            samples.clear();
            samples.addAll(kept);
            stride *= 2;
        }
    }

    List<UsageSample> samples() {
        return List.copyOf(samples);
    }

    /** At most so many samples, evenly chosen, the first and the last among them. */
    static List<UsageSample> thin(List<UsageSample> series, int most) {
        int size = series.size();
        return size <= most
                ? series
                : IntStream.range(0, most)
                        .mapToObj(index -> series.get((int) ((long) index * (size - 1) / (most - 1))))
                        .toList();
    }
}
