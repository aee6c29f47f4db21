// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.watch;

import com.google.protobuf.ByteString;
import dev.gabion.kv.mvcc.Change;
import org.jspecify.annotations.Nullable;

/** One watcher of a stream. Touched by the hub's thread only. */
final class Watcher {
    /** @param end null for the one key, empty for all from the key on */
    record Interest(
            ByteString key,
            @Nullable ByteString end,
            boolean puts,
            boolean deletes,
            boolean previous,
            boolean progress,
            boolean fragments) {

        boolean covers(ByteString other) {
            if (end == null) {
                return key.equals(other);
            }
            var order = ByteString.unsignedLexicographicalComparator();
            return order.compare(key, other) <= 0 && (end.isEmpty() || order.compare(other, end) < 0);
        }

        boolean wants(Change change) {
            return change.deleted() ? deletes : puts;
        }
    }

    final WatchStream stream;
    final long id;
    final Interest interest;

    /** The first revision that it has not been told of. */
    long next;

    /** Told from memory as things happen; otherwise it is behind and reads the storage. */
    boolean synced;

    /** Something was sent since the last progress notice was due. */
    boolean told;

    Watcher(WatchStream stream, long id, Interest interest, long next) {
        this.stream = stream;
        this.id = id;
        this.interest = interest;
        this.next = next;
    }
}
