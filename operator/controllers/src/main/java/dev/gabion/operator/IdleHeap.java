// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Gives back what a burst of work took: the serial collector rather grows the heap to its limit than to collect the old
 * generation, shrinks it only after such a collection, and an operator with nothing to do never comes to one.
 */
final class IdleHeap {
    private static final Duration PERIOD = Duration.ofSeconds(20);

    /** Growth that is not worth a collection, of a pause of some tens of milliseconds. */
    static final long SLACK_BYTES = 4L << 20;

    private final LongSupplier committed;
    private final Runnable collection;
    private long lastSeen;
    private long afterCollection;

    IdleHeap(LongSupplier committed, Runnable collection) {
        this.committed = committed;
        this.collection = collection;
    }

    /** Looks after the heap of this process from now on. */
    static void watch() {
        IdleHeap heap = new IdleHeap(
                () -> ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted(), System::gc);
        var timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("idle-heap").factory());
        var _ = timer.scheduleWithFixedDelay(heap::look, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Collects when the heap has grown since the last time, and grows no more. */
    void look() {
        long now = committed.getAsLong();
        boolean grows = now > lastSeen;
        lastSeen = now;
        if (!grows && now > afterCollection + SLACK_BYTES) {
            collection.run();
            lastSeen = afterCollection = committed.getAsLong();
        }
    }
}
