// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.UsageSample;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeriesTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 99, 100, 101, 1000, 12_345})
    void staysWithinItsBoundAndInOrder(int count) {
        Series series = new Series(100);
        samples(count).forEach(series::add);

        assertThat(series.samples())
                .hasSizeBetween(Math.min(count, 50), 100)
                .isSortedAccordingTo(java.util.Comparator.comparingLong(UsageSample::offsetMilliseconds));
    }

    @Test
    void thinsEvenlyAndKeepsBothEnds() {
        List<UsageSample> thin = Series.thin(samples(1000), 120);

        assertThat(thin).hasSize(120).doesNotHaveDuplicates();
        assertThat(thin.getFirst().offsetMilliseconds()).isZero();
        assertThat(thin.getLast().offsetMilliseconds()).isEqualTo(999);
    }

    @Test
    void leavesAShortCourseAlone() {
        assertThat(Series.thin(samples(120), 120)).isEqualTo(samples(120));
    }

    private static List<UsageSample> samples(int count) {
        return LongStream.range(0, count)
                .mapToObj(offset -> new UsageSample(offset, null, null, null, null, null))
                .toList();
    }
}
