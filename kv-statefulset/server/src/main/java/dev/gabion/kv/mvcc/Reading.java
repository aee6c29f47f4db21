// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.mvcc;

import static dev.gabion.kv.EtcdError.COMPACTED;
import static dev.gabion.kv.EtcdError.FUTURE_REV;

import dev.gabion.kv.mvcc.Layout.Head;
import dev.gabion.kv.mvcc.Layout.Stored;
import dev.gabion.kv.proto.KeyValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reading keys at a revision, over whatever holds the newest state: a published view, or a session in the middle of a write. */
public abstract class Reading {
    /** The newest revision that is visible here. */
    public abstract long revision();

    /** Older revisions than this cannot be read; -1 when nothing was compacted. */
    public abstract long compacted();

    abstract @Nullable Head head(byte[] key);

    abstract Heads heads(byte[] from, byte @Nullable [] until);

    abstract @Nullable Stored stored(long main, int sub);

    /** A walk over keys and what they are now, in order. */
    interface Heads extends AutoCloseable {
        boolean valid();

        byte[] key();

        Head head();

        void next();

        @Override
        void close();
    }

    /**
     * Reads a range at a revision.
     *
     * @param end null for the one key, empty for all keys from there on
     * @param at the revision; 0 or less for the newest
     * @param limit how many to return at most, 0 or less for all; they are counted all the same
     */
    public final RangeResult range(byte[] key, byte @Nullable [] end, long at, long limit, boolean countOnly) {
        long now = revision();
        if (at > now) {
            throw FUTURE_REV.exception();
        }
        long revision = at <= 0 ? now : at;
        if (revision < compacted()) {
            throw COMPACTED.exception();
        }
        if (end == null) {
            Head head = head(key);
            KeyValue kv = head == null ? null : at(key, head, revision);
            return new RangeResult(kv == null || countOnly ? List.of() : List.of(kv), kv == null ? 0 : 1, now);
        }
        if (end.length > 0 && Arrays.compareUnsigned(key, end) >= 0) {
            return new RangeResult(List.of(), 0, now);
        }
        List<KeyValue> kvs = new ArrayList<>();
        long count = 0;
        try (Heads heads = heads(key, end.length == 0 ? null : end)) {
            for (; heads.valid(); heads.next()) {
                Head head = heads.head();
                if (head.mod() <= revision && (countOnly || (limit > 0 && count >= limit))) {
                    count += head.tombstone() ? 0 : 1;
                    continue;
                }
                KeyValue kv = at(heads.key(), head, revision);
                if (kv != null) {
                    if (!countOnly && (limit <= 0 || count < limit)) {
                        kvs.add(kv);
                    }
                    count++;
                }
            }
        }
        return new RangeResult(kvs, count, now);
    }

    /** The key as it was at the revision, null when it was not. */
    private @Nullable KeyValue at(byte[] key, Head head, long revision) {
        if (head.mod() <= revision) {
            return head.tombstone() ? null : head.toKeyValue(key, value(head));
        }
        Stored stored = stored(head.mod(), head.sub());
        while (stored != null && stored.previousMain() != 0) {
            long main = stored.previousMain();
            // Null when compaction took it: then it was a tombstone, for what was alive at a readable revision is kept.
            stored = stored(main, stored.previousSub());
            if (stored != null && main <= revision) {
                return stored.tombstone() ? null : stored.toKeyValue(main);
            }
        }
        return null;
    }

    final byte[] value(Head head) {
        byte[] inline = head.inlineValue();
        if (inline != null) {
            return inline;
        }
        Stored stored = stored(head.mod(), head.sub());
        if (stored == null) {
            throw new StorageException("revision " + head.mod() + "." + head.sub() + " is missing");
        }
        return stored.value();
    }
}
