// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.watch;

import dev.gabion.kv.proto.WatchResponse;
import java.util.HashMap;
import java.util.Map;

/** What one client watches over one stream. Touched by the hub's thread only, apart from being made. */
public final class WatchStream {
    /** Where answers go. Called by the hub's thread only. */
    public interface Sink {
        /** Whether another answer would be sent at once rather than pile up. */
        boolean ready();

        void send(WatchResponse response);
    }

    final Sink sink;
    final Map<Long, Watcher> watchers = new HashMap<>();
    long nextId;
    boolean closed;

    WatchStream(Sink sink) {
        this.sink = sink;
    }
}
