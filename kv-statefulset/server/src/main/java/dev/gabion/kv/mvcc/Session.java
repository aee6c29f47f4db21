// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.mvcc;

import static dev.gabion.kv.EtcdError.COMPACTED;
import static dev.gabion.kv.EtcdError.FUTURE_REV;

import dev.gabion.kv.mvcc.Backend.Batch;
import dev.gabion.kv.mvcc.Backend.Column;
import dev.gabion.kv.mvcc.Backend.Cursor;
import dev.gabion.kv.mvcc.Backend.Reader;
import dev.gabion.kv.mvcc.Layout.Head;
import dev.gabion.kv.mvcc.Layout.Stored;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All writes of one entry of the log: collected, seen by the reads of the same entry, and committed as one batch with the
 * position of the entry. Used by the thread that applies, one at a time.
 *
 * <p>An entry holds many operations, and each that changes something gets the next revision: {@link #begin()} before an
 * operation, {@link #end()} after it.
 */
public final class Session extends Reading implements AutoCloseable {
    private record Position(long main, int sub) {}

    private final MvccStore store;
    private final Reader committed;
    private final Batch batch;
    private final long term;
    private final long index;

    private final NavigableMap<byte[], Head> heads = new TreeMap<>(Arrays::compareUnsigned);
    private final Map<Position, Stored> written = new HashMap<>();
    private final NavigableMap<byte[], Boolean> attachments = new TreeMap<>(Arrays::compareUnsigned);
    private final List<Committed> revisions = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();

    private long revision;
    private long compacted;

    Session(MvccStore store, Reader committed, Batch batch, long revision, long compacted, long term, long index) {
        this.store = store;
        this.committed = committed;
        this.batch = batch;
        this.revision = revision;
        this.compacted = compacted;
        this.term = term;
        this.index = index;
    }

    /** Before each operation. */
    public void begin() {
        assert changes.isEmpty() : "an operation was not ended";
    }

    /** After each operation: what it changed becomes a revision. */
    public void end() {
        if (!changes.isEmpty()) {
            revision++;
            revisions.add(new Committed(revision, changes));
            changes.clear();
        }
    }

    @Override
    public long revision() {
        return changes.isEmpty() ? revision : revision + 1;
    }

    @Override
    public long compacted() {
        return compacted;
    }

    /** Writes the key at the next revision, which is returned. */
    public long put(byte[] key, byte[] value, long lease) {
        long main = revision + 1;
        int sub = changes.size();
        Head before = head(key);
        Head alive = before == null || before.tombstone() ? null : before;
        Head head = new Head(
                false,
                alive == null ? main : alive.create(),
                main,
                sub,
                alive == null ? 1 : alive.version() + 1,
                lease,
                value.length <= Layout.INLINE_LIMIT ? value : null);
        Stored stored = new Stored(
                false,
                head.create(),
                head.version(),
                lease,
                before == null ? 0 : before.mod(),
                before == null ? 0 : before.sub(),
                key,
                value);
        write(key, head, stored);
        long oldLease = alive == null ? 0 : alive.lease();
        if (oldLease != lease) {
            detach(oldLease, key);
            attach(lease, key);
        }
        changes.add(change(false, head.toKeyValue(key, value), key, before));
        return main;
    }

    /** Deletes what the range holds now; returns how many keys that were. */
    public long deleteRange(byte[] key, byte @Nullable [] end) {
        List<byte[]> doomed = new ArrayList<>();
        if (end == null) {
            Head head = head(key);
            if (head != null && !head.tombstone()) {
                doomed.add(key);
            }
        } else if (end.length == 0 || Arrays.compareUnsigned(key, end) < 0) {
            try (Heads range = heads(key, end.length == 0 ? null : end)) {
                for (; range.valid(); range.next()) {
                    if (!range.head().tombstone()) {
                        doomed.add(range.key());
                    }
                }
            }
        }
        doomed.forEach(this::delete);
        return doomed.size();
    }

    private void delete(byte[] key) {
        long main = revision + 1;
        int sub = changes.size();
        Head before = head(key);
        if (before == null || before.tombstone()) {
            throw new IllegalStateException("only what is there can be deleted");
        }
        Head head = new Head(true, 0, main, sub, 0, 0, null);
        Stored stored = new Stored(true, 0, 0, 0, before.mod(), before.sub(), key, Layout.EMPTY);
        write(key, head, stored);
        detach(before.lease(), key);
        changes.add(change(true, stored.toKeyValue(main), key, before));
    }

    private void write(byte[] key, Head head, Stored stored) {
        batch.put(Column.REVISIONS, Layout.position(head.mod(), head.sub()), stored.encode());
        written.put(new Position(head.mod(), head.sub()), stored);
        batch.put(Column.KEYS, key, head.encode());
        heads.put(key, head);
    }

    private static Change change(boolean deleted, dev.gabion.kv.proto.KeyValue kv, byte[] key, @Nullable Head before) {
        if (before == null || before.tombstone()) {
            return new Change(deleted, kv, null, 0, 0);
        }
        // What the same operation wrote before is not what the key was before: to be looked for further back.
        byte[] value = before.mod() == kv.getModRevision() ? null : before.inlineValue();
        return new Change(
                deleted, kv, value == null ? null : before.toKeyValue(key, value), before.mod(), before.sub());
    }

    /** From now on only this revision and newer ones can be read. */
    public void compact(long at) {
        if (at <= compacted) {
            throw COMPACTED.exception();
        }
        if (at > revision) {
            throw FUTURE_REV.exception();
        }
        compacted = at;
    }

    public @Nullable Lease lease(long id) {
        return store.leases().get(id);
    }

    public void putLease(Lease lease) {
        batch.put(Column.LEASES, Layout.number(lease.id()), lease.encode());
        store.leaseChanged(lease.id(), lease);
    }

    /** The lease goes, and with it the keys that are attached, in their order. */
    public void removeLease(long id) {
        for (byte[] key : attached(id)) {
            delete(key);
        }
        batch.delete(Column.LEASES, Layout.number(id));
        store.leaseChanged(id, null);
    }

    private List<byte[]> attached(long id) {
        NavigableMap<byte[], Boolean> keys = new TreeMap<>(Arrays::compareUnsigned);
        byte[] from = Layout.attachment(id, new byte[] {0});
        byte[] until = Layout.successor(Layout.number(id));
        try (Cursor cursor = committed.cursor(Column.LEASES, from, until)) {
            for (; cursor.valid(); cursor.next()) {
                keys.put(cursor.key(), true);
            }
        }
        keys.putAll(until == null ? attachments.tailMap(from, true) : attachments.subMap(from, true, until, false));
        List<byte[]> result = new ArrayList<>();
        keys.forEach((attachment, there) -> {
            if (there) {
                result.add(Arrays.copyOfRange(attachment, 8, attachment.length));
            }
        });
        return result;
    }

    private void attach(long lease, byte[] key) {
        if (lease != 0) {
            byte[] attachment = Layout.attachment(lease, key);
            batch.put(Column.LEASES, attachment, Layout.EMPTY);
            attachments.put(attachment, true);
        }
    }

    private void detach(long lease, byte[] key) {
        if (lease != 0) {
            byte[] attachment = Layout.attachment(lease, key);
            batch.delete(Column.LEASES, attachment);
            attachments.put(attachment, false);
        }
    }

    /** Writes everything at once and shows it to the readers. What was changed is returned in order. */
    public List<Committed> commit() {
        if (!changes.isEmpty()) {
            throw new IllegalStateException("an operation was not ended");
        }
        store.commit(batch, revision, compacted, term, index);
        return revisions;
    }

    /** Without a commit before, nothing of the session remains. */
    @Override
    public void close() {
        batch.close();
        store.sessionClosed();
    }

    @Override
    @Nullable
    Head head(byte[] key) {
        Head head = heads.isEmpty() ? null : heads.get(key);
        if (head != null) {
            return head;
        }
        byte[] bytes = committed.get(Column.KEYS, key);
        return bytes == null ? null : Head.decode(bytes);
    }

    @Override
    Heads heads(byte[] from, byte @Nullable [] until) {
        Heads below = new View.CursorHeads(committed.cursor(Column.KEYS, from, until));
        NavigableMap<byte[], Head> above =
                until == null ? heads.tailMap(from, true) : heads.subMap(from, true, until, false);
        return above.isEmpty() ? below : new Merged(below, above);
    }

    @Override
    @Nullable
    Stored stored(long main, int sub) {
        Stored stored = written.get(new Position(main, sub));
        if (stored != null) {
            return stored;
        }
        byte[] bytes = committed.get(Column.REVISIONS, Layout.position(main, sub));
        return bytes == null ? null : Stored.decode(bytes);
    }

    /** What is committed, covered by what this session wrote. */
    private static final class Merged implements Heads {
        private final Heads below;
        private final NavigableMap<byte[], Head> above;
        private Map.@Nullable Entry<byte[], Head> next;

        Merged(Heads below, NavigableMap<byte[], Head> above) {
            this.below = below;
            this.above = above;
            this.next = above.firstEntry();
        }

        /** Below 0: the committed key comes first; above 0: the written one; 0: both are the same key. */
        private int order(Map.Entry<byte[], Head> written) {
            return below.valid() ? Arrays.compareUnsigned(below.key(), written.getKey()) : 1;
        }

        @Override
        public boolean valid() {
            return next != null || below.valid();
        }

        @Override
        public byte[] key() {
            return next != null && order(next) >= 0 ? next.getKey() : below.key();
        }

        @Override
        public Head head() {
            return next != null && order(next) >= 0 ? next.getValue() : below.head();
        }

        @Override
        public void next() {
            Map.Entry<byte[], Head> written = next;
            int order = written == null ? -1 : order(written);
            if (written != null && order >= 0) {
                next = above.higherEntry(written.getKey());
            }
            if (order <= 0) {
                below.next();
            }
        }

        @Override
        public void close() {
            below.close();
        }
    }
}
