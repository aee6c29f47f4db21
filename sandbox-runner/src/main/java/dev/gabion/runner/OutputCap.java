// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import java.util.concurrent.atomic.AtomicLong;

/** The output limit of both streams together, to the byte. Safe for both readers at once. */
final class OutputCap {
    private final AtomicLong left;
    private volatile boolean cut;

    OutputCap(long bytes) {
        this.left = new AtomicLong(bytes);
    }

    /** Takes as many of {@code wanted} bytes as are left, in all calls together never more than the limit. */
    int take(int wanted) {
        long before = left.getAndUpdate(now -> Math.max(0, now - wanted));
        int taken = (int) Math.min(wanted, before);
        if (taken < wanted) {
            cut = true;
        }
        return taken;
    }

    /** Whether there was more than the limit. */
    boolean cut() {
        return cut;
    }
}
