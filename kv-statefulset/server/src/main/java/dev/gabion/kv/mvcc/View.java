// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.mvcc;

import dev.gabion.kv.mvcc.Backend.Column;
import dev.gabion.kv.mvcc.Backend.Cursor;
import dev.gabion.kv.mvcc.Backend.Frozen;
import dev.gabion.kv.mvcc.Layout.Head;
import dev.gabion.kv.mvcc.Layout.Stored;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The state after one entry of the log: what it holds, and the numbers that belong to it, never those of another entry.
 * Shared by all who read at that moment; close it when done reading.
 */
public final class View extends Reading implements AutoCloseable {
    private final Frozen frozen;
    private final long revision;
    private final long compacted;
    private final long appliedIndex;
    private final AtomicInteger users = new AtomicInteger(1);

    View(Frozen frozen, long revision, long compacted, long appliedIndex) {
        this.frozen = frozen;
        this.revision = revision;
        this.compacted = compacted;
        this.appliedIndex = appliedIndex;
    }

    /** False when the last user has gone already. */
    boolean acquire() {
        while (true) {
            int now = users.get();
            if (now == 0) {
                return false;
            }
            if (users.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    @Override
    public void close() {
        if (users.decrementAndGet() == 0) {
            frozen.close();
        }
    }

    @Override
    public long revision() {
        return revision;
    }

    @Override
    public long compacted() {
        return compacted;
    }

    /** The log's index of the entry that this is the state after. */
    public long appliedIndex() {
        return appliedIndex;
    }

    Frozen frozen() {
        return frozen;
    }

    @Override
    @Nullable
    Head head(byte[] key) {
        byte[] bytes = frozen.get(Column.KEYS, key);
        return bytes == null ? null : Head.decode(bytes);
    }

    @Override
    Heads heads(byte[] from, byte @Nullable [] until) {
        return new CursorHeads(frozen.cursor(Column.KEYS, from, until));
    }

    @Override
    @Nullable
    Stored stored(long main, int sub) {
        byte[] bytes = frozen.get(Column.REVISIONS, Layout.position(main, sub));
        return bytes == null ? null : Stored.decode(bytes);
    }

    /** Heads straight from a column. */
    static final class CursorHeads implements Heads {
        private final Cursor cursor;

        CursorHeads(Cursor cursor) {
            this.cursor = cursor;
        }

        @Override
        public boolean valid() {
            return cursor.valid();
        }

        @Override
        public byte[] key() {
            return cursor.key();
        }

        @Override
        public Head head() {
            return Head.decode(cursor.value());
        }

        @Override
        public void next() {
            cursor.next();
        }

        @Override
        public void close() {
            cursor.close();
        }
    }
}
