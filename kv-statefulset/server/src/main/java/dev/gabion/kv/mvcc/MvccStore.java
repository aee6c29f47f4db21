// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.mvcc;

import dev.gabion.kv.mvcc.Backend.Batch;
import dev.gabion.kv.mvcc.Backend.Column;
import dev.gabion.kv.mvcc.Backend.Cursor;
import dev.gabion.kv.mvcc.Backend.Reader;
import dev.gabion.kv.mvcc.Layout.Head;
import dev.gabion.kv.mvcc.Layout.Stored;
import dev.gabion.kv.proto.KeyValue;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The state of a member. One thread writes, entry by entry ({@link #begin}); anybody reads a {@link #view()} of the state after
 * an entry, and never sees half of one.
 *
 * <p>Compaction has two halves. The entry of the log only notes from which revision on can be read, which is what all members
 * must agree on. {@link #purge} then deletes what nobody can read any more, in small steps between the writes, whenever this
 * member finds the time.
 */
public final class MvccStore implements AutoCloseable {
    /** How many stored revisions one step of a purge looks at, and so how long a write waits for it. */
    private static final int PURGE_STEP = 256;

    private final Backend backend;
    private final Map<Long, Lease> leases = new ConcurrentHashMap<>();

    /** Between the entry being applied and a step of a purge: both look at a head and then write it. */
    private final ReentrantLock writing = new ReentrantLock();

    private LeaseListener leaseListener = (id, lease) -> {};
    private volatile View current;
    private volatile long durableTerm;
    private volatile long durableIndex;
    private volatile long appliedTerm;
    private volatile long purged;

    /** Told what the log says of leases. */
    public interface LeaseListener {
        /**
         * The lease is so now.
         *
         * @param lease null when it has gone
         */
        void changed(long id, @Nullable Lease lease);
    }

    private MvccStore(Backend backend) {
        this.backend = backend;
        Reader latest = backend.latest();
        byte[] applied = latest.get(Column.META, Layout.APPLIED);
        long index = -1;
        if (applied != null) {
            ByteBuffer b = ByteBuffer.wrap(applied);
            appliedTerm = b.getLong();
            index = b.getLong();
        }
        durableTerm = appliedTerm;
        durableIndex = index;
        purged = Layout.number(latest.get(Column.META, Layout.PURGED), 0);
        try (Cursor cursor = latest.cursor(Column.LEASES, Layout.EMPTY, null)) {
            for (; cursor.valid(); cursor.next()) {
                byte[] key = cursor.key();
                if (key.length == 8) {
                    Lease lease = Lease.decode(key, cursor.value());
                    leases.put(lease.id(), lease);
                }
            }
        }
        current = new View(
                backend.freeze(),
                Layout.number(latest.get(Column.META, Layout.REVISION), 1),
                Layout.number(latest.get(Column.META, Layout.COMPACTED), -1),
                index);
    }

    public static MvccStore open(Backend backend) {
        return new MvccStore(backend);
    }

    /** What can be read now; to be closed. */
    public View view() {
        while (true) {
            View view = current;
            if (view.acquire()) {
                return view;
            }
        }
    }

    public long revision() {
        return current.revision();
    }

    public long compacted() {
        return current.compacted();
    }

    public long appliedIndex() {
        return current.appliedIndex();
    }

    public long appliedTerm() {
        return appliedTerm;
    }

    /** The entry up to which a crash takes nothing away; -1 for none. */
    public long durableIndex() {
        return durableIndex;
    }

    public long durableTerm() {
        return durableTerm;
    }

    /** All leases as of the newest entry. */
    public Map<Long, Lease> leases() {
        return leases;
    }

    public long size() {
        return backend.size();
    }

    /** Starts the writes of the entry at this position. */
    public Session begin(long term, long index) {
        writing.lock();
        View now = current;
        return new Session(this, backend.latest(), backend.batch(), now.revision(), now.compacted(), term, index);
    }

    /** Whoever keeps the leases' clocks; told by the applying thread. To be called before anything is applied. */
    public void onLease(LeaseListener listener) {
        leaseListener = listener;
    }

    void leaseChanged(long id, @Nullable Lease lease) {
        if (lease == null) {
            leases.remove(id);
        } else {
            leases.put(id, lease);
        }
        leaseListener.changed(id, lease);
    }

    void commit(Batch batch, long revision, long compacted, long term, long index) {
        View before = current;
        batch.put(
                Column.META,
                Layout.APPLIED,
                ByteBuffer.allocate(16).putLong(term).putLong(index).array());
        if (revision != before.revision()) {
            batch.put(Column.META, Layout.REVISION, Layout.number(revision));
        }
        if (compacted != before.compacted()) {
            batch.put(Column.META, Layout.COMPACTED, Layout.number(compacted));
        }
        backend.write(batch);
        appliedTerm = term;
        current = new View(backend.freeze(), revision, compacted, index);
        before.close();
    }

    void sessionClosed() {
        writing.unlock();
    }

    /** Makes durable what was applied before the call. Not for the thread that applies. */
    public synchronized void flush() {
        long term;
        long index;
        writing.lock();
        try {
            term = appliedTerm;
            index = current.appliedIndex();
        } finally {
            writing.unlock();
        }
        if (index > durableIndex) {
            backend.flush();
            durableTerm = term;
            durableIndex = index;
        }
    }

    /** A copy of the durable state, for a member that has none. */
    public void checkpoint(Path directory) {
        backend.checkpoint(directory);
    }

    /** Keys of the lease, in order. */
    public static List<byte[]> attached(View view, long lease) {
        List<byte[]> keys = new ArrayList<>();
        byte[] from = Layout.attachment(lease, new byte[] {0});
        try (Cursor cursor = view.frozen().cursor(Column.LEASES, from, Layout.successor(Layout.number(lease)))) {
            for (; cursor.valid(); cursor.next()) {
                byte[] attachment = cursor.key();
                keys.add(Arrays.copyOfRange(attachment, 8, attachment.length));
            }
        }
        return keys;
    }

    /** The key as it was at the revision before a change, null when it was not there or is compacted. */
    public static @Nullable KeyValue previous(View view, Change change) {
        if (change.previous() != null) {
            return change.previous();
        }
        long main = change.previousMain();
        int sub = change.previousSub();
        while (main != 0) {
            Stored stored = view.stored(main, sub);
            if (stored == null) {
                return null;
            }
            if (main != change.kv().getModRevision()) {
                return stored.tombstone() ? null : stored.toKeyValue(main);
            }
            main = stored.previousMain();
            sub = stored.previousSub();
        }
        return null;
    }

    /**
     * Whole revisions in order, from the given one on.
     *
     * @param enough stops at the end of the revision in which so many changes were seen
     */
    public static List<Committed> history(View view, long from, int enough) {
        List<Committed> result = new ArrayList<>();
        List<Change> changes = new ArrayList<>();
        long main = -1;
        int seen = 0;
        byte[] until = Layout.position(view.revision() + 1, 0);
        try (Cursor cursor = view.frozen().cursor(Column.REVISIONS, Layout.position(from, 0), until)) {
            for (; cursor.valid(); cursor.next()) {
                long at = Layout.main(cursor.key());
                if (at != main) {
                    if (!changes.isEmpty()) {
                        result.add(new Committed(main, changes));
                        changes.clear();
                        if (seen >= enough) {
                            return result;
                        }
                    }
                    main = at;
                }
                Stored stored = Stored.decode(cursor.value());
                boolean created = !stored.tombstone() && stored.version() == 1;
                changes.add(new Change(
                        stored.tombstone(),
                        stored.toKeyValue(at),
                        null,
                        created ? 0 : stored.previousMain(),
                        stored.previousSub()));
                seen++;
            }
        }
        if (!changes.isEmpty()) {
            result.add(new Committed(main, changes));
        }
        return result;
    }

    public boolean purgeDue() {
        return purged < current.compacted();
    }

    /**
     * Deletes what compaction made unreadable, all of it unless interrupted. Looks only at what was written since the last
     * time: each stored revision names the one that it superseded.
     */
    public void purge() throws InterruptedException {
        long target = current.compacted();
        byte[] next = Layout.position(Math.max(purged, 0), 0);
        byte[] until = Layout.position(target + 1, 0);
        while (next != null) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            next = purgeStep(next, until, target);
        }
        writing.lock();
        try (Batch batch = backend.batch()) {
            batch.put(Column.META, Layout.PURGED, Layout.number(target));
            backend.write(batch);
            purged = target;
        } finally {
            writing.unlock();
        }
    }

    private byte @Nullable [] purgeStep(byte[] from, byte[] until, long target) {
        writing.lock();
        try (Batch batch = backend.batch();
                Cursor cursor = backend.latest().cursor(Column.REVISIONS, from, until)) {
            int seen = 0;
            for (; cursor.valid(); cursor.next()) {
                byte[] position = cursor.key();
                if (seen++ == PURGE_STEP) {
                    backend.write(batch);
                    return position;
                }
                Stored stored = Stored.decode(cursor.value());
                if (stored.previousMain() != 0) {
                    batch.delete(Column.REVISIONS, Layout.position(stored.previousMain(), stored.previousSub()));
                }
                // A deletion at the very revision stays: who watches from there on must be told of it.
                if (stored.tombstone() && Layout.main(position) < target) {
                    batch.delete(Column.REVISIONS, position);
                    byte[] head = backend.latest().get(Column.KEYS, stored.key());
                    if (head != null && Head.decode(head).mod() == Layout.main(position)) {
                        batch.delete(Column.KEYS, stored.key());
                    }
                }
            }
            backend.write(batch);
            return null;
        } finally {
            writing.unlock();
        }
    }

    /** The last view is released with the store: nobody may read any more. */
    @Override
    public void close() {
        current.close();
        backend.close();
    }
}
