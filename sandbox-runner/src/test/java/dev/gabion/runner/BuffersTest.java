// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.UsageSample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The bounded things between a guest and its result. */
class BuffersTest {

    @Test
    void aTailIsTheLastBytesHoweverTheyCome() {
        Random random = new Random(3);
        for (int round = 0; round < 300; round++) {
            int capacity = 1 + random.nextInt(40);
            TailBuffer tail = new TailBuffer(capacity);
            byte[] all = new byte[random.nextInt(200)];
            random.nextBytes(all);
            int size = Math.min(all.length, capacity);
            for (int at = 0; at < all.length; ) {
                int length = Math.min(1 + random.nextInt(60), all.length - at);
                tail.append(all, at, length);
                at += length;
            }
            assertThat(tail.total()).isEqualTo(all.length);
            assertThat(tail.bytes()).isEqualTo(Arrays.copyOfRange(all, all.length - size, all.length));
        }
    }

    @Test
    void theCapIsExactForSeveralThreads() throws InterruptedException {
        for (int round = 0; round < 50; round++) {
            OutputCap cap = new OutputCap(10_007);
            AtomicLong taken = new AtomicLong();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int k = 0; k < 1_000; k++) {
                        taken.addAndGet(cap.take(7));
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(taken).hasValue(10_007);
            assertThat(cap.cut()).isTrue();
        }
    }

    @Test
    void exactlyTheLimitIsNotMoreThanIt() {
        OutputCap cap = new OutputCap(10);

        assertThat(cap.take(10)).isEqualTo(10);
        assertThat(cap.cut()).isFalse();
        assertThat(cap.take(1)).isZero();
        assertThat(cap.cut()).isTrue();
    }

    @Test
    void aSeriesIsBoundedAndKeepsItsOrder() {
        Series series = new Series(100);
        for (int i = 0; i < 100_000; i++) {
            series.add(sample(i, i));
        }

        assertThat(series.samples()).hasSizeBetween(50, 100);
        assertThat(series.samples().getFirst().offsetMilliseconds()).isZero();
        assertThat(series.samples().getLast().offsetMilliseconds()).isGreaterThan(97_000);
        assertThat(series.samples())
                .isSortedAccordingTo((a, b) -> Long.compare(a.offsetMilliseconds(), b.offsetMilliseconds()));
    }

    @Test
    void downsamplingKeepsBothEndsAndThePeak() {
        List<UsageSample> all = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            all.add(sample(i, i == 3_333 ? 1_000_000 : 10));
        }

        List<UsageSample> few = Series.downsample(all, 120);

        assertThat(few).hasSize(120);
        assertThat(few.getFirst()).isEqualTo(all.getFirst());
        assertThat(few.getLast()).isEqualTo(all.getLast());
        assertThat(few).contains(all.get(3_333));
        assertThat(Series.downsample(all.subList(0, 120), 120)).isEqualTo(all.subList(0, 120));
    }

    private static UsageSample sample(long offset, long memory) {
        return new UsageSample(offset, offset, memory, 1, 0L, 0L);
    }
}
