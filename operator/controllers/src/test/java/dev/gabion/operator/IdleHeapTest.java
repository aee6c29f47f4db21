// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IdleHeapTest {
    private static final long MEBIBYTE = 1L << 20;

    private long committed = 60 * MEBIBYTE;
    private long live = 30 * MEBIBYTE;
    private int collections;
    private final IdleHeap heap = new IdleHeap(() -> committed, () -> {
        collections++;
        committed = live;
    });

    @Test
    void collectsOnceWhenTheHeapHasStoppedGrowing() {
        heap.look();
        assertThat(collections).as("it may still grow").isZero();

        heap.look();
        assertThat(collections).isEqualTo(1);

        heap.look();
        heap.look();
        assertThat(collections).as("nothing has grown since").isEqualTo(1);
    }

    @Test
    void waitsForTheEndOfABurst() {
        for (int step = 0; step < 10; step++) {
            heap.look();
            committed += MEBIBYTE;
        }
        assertThat(collections).isZero();
    }

    @Test
    void collectsAgainAfterTheNextBurstAndNotForATrifle() {
        heap.look();
        heap.look();

        committed = live + IdleHeap.SLACK_BYTES;
        heap.look();
        heap.look();
        assertThat(collections).isEqualTo(1);

        committed = live + IdleHeap.SLACK_BYTES + 1;
        heap.look();
        heap.look();
        assertThat(collections).isEqualTo(2);
    }

    @Test
    void aHeapThatCannotShrinkIsNotCollectedOverAndOver() {
        live = 60 * MEBIBYTE;
        for (int look = 0; look < 10; look++) {
            heap.look();
        }
        assertThat(collections).isEqualTo(1);
    }
}
