// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Knows which reconciliations run and since when, so that a stuck one is noticed. */
public final class ReconcilerWatch {
    private final Clock clock;
    private final AtomicLong numbers = new AtomicLong();
    private final Map<Long, Instant> running = new ConcurrentHashMap<>();

    public ReconcilerWatch(Clock clock) {
        this.clock = clock;
    }

    /** A reconciliation under way; closing it ends it. */
    @FunctionalInterface
    public interface Visit extends AutoCloseable {
        @Override
        void close();
    }

    /** A reconciliation begins. */
    public Visit enter() {
        long number = numbers.incrementAndGet();
        running.put(number, clock.instant());
        return () -> running.remove(number);
    }

    /** How long the oldest one has been running. */
    public Optional<Duration> oldest() {
        return running.values().stream()
                .min(Comparator.naturalOrder())
                .map(since -> Duration.between(since, clock.instant()));
    }
}
