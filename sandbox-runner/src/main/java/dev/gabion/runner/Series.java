// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import dev.gabion.api.v1alpha1.UsageSample;
import java.util.ArrayList;
import java.util.List;

/** The course of a run, bounded: when it is full every other sample goes, and from then on every other one is kept. */
final class Series {
    private final int capacity;
    private final List<UsageSample> samples = new ArrayList<>();
    private int keepEvery = 1;
    private int since;

    Series(int capacity) {
        this.capacity = capacity;
    }

    void add(UsageSample sample) {
        if (since++ % keepEvery != 0) {
            return;
        }
        samples.add(sample);
        if (samples.size() >= capacity) {
            thin(samples);
            keepEvery *= 2;
            since = 1;
        }
    }

    /** All samples kept. */
    List<UsageSample> samples() {
        return List.copyOf(samples);
    }

    /**
     * At most {@code most} of these: the first and the last stay, of each stretch between the sample with the most memory
     * stays, so that peaks are seen.
     */
    static List<UsageSample> downsample(List<UsageSample> all, int most) {
        if (all.size() <= most) {
            return List.copyOf(all);
        }
        List<UsageSample> few = new ArrayList<>(most);
        few.add(all.getFirst());
        int stretches = most - 2;
        int inner = all.size() - 2;
        for (int i = 0; i < stretches; i++) {
            int from = 1 + (int) ((long) inner * i / stretches);
            int to = 1 + (int) ((long) inner * (i + 1) / stretches);
            UsageSample best = all.get(from);
            for (int k = from + 1; k < to; k++) {
                if (memory(all.get(k)) > memory(best)) {
                    best = all.get(k);
                }
            }
            few.add(best);
        }
        few.add(all.getLast());
        return few;
    }

    private static long memory(UsageSample sample) {
        Long memory = sample.memoryBytes();
        return memory == null ? 0 : memory;
    }

    private static void thin(List<UsageSample> list) {
        int kept = 0;
        for (int i = 0; i < list.size(); i += 2) {
            list.set(kept++, list.get(i));
        }
        list.subList(kept, list.size()).clear();
    }
}
