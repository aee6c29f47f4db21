// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.mvcc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.gabion.kv.proto.KeyValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the columns hold. All numbers are big-endian, so that they order as they count.
 *
 * <ul>
 *   <li>KEYS: key to {@link Head}, what the key is now, its value with it when that is short. A deleted key stays here as a
 *       tombstone until compaction, so that one walk over this column answers a range at any revision.
 *   <li>REVISIONS: (main, sub) to {@link Stored}, what was written then, with the position of what the same key was before.
 *       Following those positions backwards finds a key at an older revision, and the old value of a change.
 *   <li>LEASES: lease id (8 bytes) to its time to live and what was left of it; lease id and key to nothing, one for each key
 *       that is attached.
 *   <li>META: single numbers by name.
 * </ul>
 */
final class Layout {
    /** Longer values are only in REVISIONS: a walk over KEYS for counting must not drag them along. */
    static final int INLINE_LIMIT = 1024;

    static final byte[] EMPTY = {};

    static final byte[] APPLIED = name("applied");
    static final byte[] REVISION = name("revision");
    static final byte[] COMPACTED = name("compacted");
    static final byte[] PURGED = name("purged");

    private static final byte TOMBSTONE = 1;
    private static final byte INLINE = 2;
    private static final int HEAD = 1 + 8 + 8 + 4 + 8 + 8;
    private static final int STORED = 1 + 8 + 8 + 8 + 8 + 4 + 4;

    private Layout() {}

    /** What a key is now. A tombstone has no value, no version and no lease. */
    @SuppressWarnings("ArrayRecordComponent") // never compared: bytes on their way from and to the storage
    record Head(
            boolean tombstone,
            long create,
            long mod,
            int sub,
            long version,
            long lease,
            byte @Nullable [] inlineValue) {

        byte[] encode() {
            byte[] value = inlineValue == null ? EMPTY : inlineValue;
            byte flags = (byte) ((tombstone ? TOMBSTONE : 0) | (inlineValue != null ? INLINE : 0));
            return ByteBuffer.allocate(HEAD + value.length)
                    .put(flags)
                    .putLong(create)
                    .putLong(mod)
                    .putInt(sub)
                    .putLong(version)
                    .putLong(lease)
                    .put(value)
                    .array();
        }

        static Head decode(byte[] bytes) {
            ByteBuffer b = ByteBuffer.wrap(bytes);
            byte flags = b.get();
            return new Head(
                    (flags & TOMBSTONE) != 0,
                    b.getLong(),
                    b.getLong(),
                    b.getInt(),
                    b.getLong(),
                    b.getLong(),
                    (flags & INLINE) == 0 ? null : Arrays.copyOfRange(bytes, HEAD, bytes.length));
        }

        KeyValue toKeyValue(byte[] key, byte[] value) {
            return keyValue(key, create, mod, version, lease, value);
        }
    }

    /** What was written at one position. {@code previousMain} is 0 when the key had never been there. */
    @SuppressWarnings("ArrayRecordComponent") // as above
    record Stored(
            boolean tombstone,
            long create,
            long version,
            long lease,
            long previousMain,
            int previousSub,
            byte[] key,
            byte[] value) {

        byte[] encode() {
            return ByteBuffer.allocate(STORED + key.length + value.length)
                    .put(tombstone ? TOMBSTONE : 0)
                    .putLong(create)
                    .putLong(version)
                    .putLong(lease)
                    .putLong(previousMain)
                    .putInt(previousSub)
                    .putInt(key.length)
                    .put(key)
                    .put(value)
                    .array();
        }

        static Stored decode(byte[] bytes) {
            ByteBuffer b = ByteBuffer.wrap(bytes);
            boolean tombstone = b.get() == TOMBSTONE;
            long create = b.getLong();
            long version = b.getLong();
            long lease = b.getLong();
            long previousMain = b.getLong();
            int previousSub = b.getInt();
            byte[] key = new byte[b.getInt()];
            b.get(key);
            byte[] value = new byte[b.remaining()];
            b.get(value);
            return new Stored(tombstone, create, version, lease, previousMain, previousSub, key, value);
        }

        KeyValue toKeyValue(long main) {
            return tombstone
                    ? KeyValue.newBuilder()
                            .setKey(wrap(key))
                            .setModRevision(main)
                            .build()
                    : keyValue(key, create, main, version, lease, value);
        }
    }

    static KeyValue keyValue(byte[] key, long create, long mod, long version, long lease, byte[] value) {
        return KeyValue.newBuilder()
                .setKey(wrap(key))
                .setCreateRevision(create)
                .setModRevision(mod)
                .setVersion(version)
                .setLease(lease)
                .setValue(wrap(value))
                .build();
    }

    static ByteString wrap(byte[] bytes) {
        return UnsafeByteOperations.unsafeWrap(bytes);
    }

    static byte[] position(long main, int sub) {
        return ByteBuffer.allocate(12).putLong(main).putInt(sub).array();
    }

    static long main(byte[] position) {
        return ByteBuffer.wrap(position).getLong();
    }

    static int sub(byte[] position) {
        return ByteBuffer.wrap(position).getInt(8);
    }

    static byte[] number(long value) {
        return ByteBuffer.allocate(8).putLong(value).array();
    }

    static long number(byte @Nullable [] bytes, long absent) {
        return bytes == null ? absent : ByteBuffer.wrap(bytes).getLong();
    }

    static byte[] attachment(long lease, byte[] key) {
        return ByteBuffer.allocate(8 + key.length).putLong(lease).put(key).array();
    }

    /** The first key that does not begin with this one; null when there is none. */
    static byte @Nullable [] successor(byte[] prefix) {
        for (int i = prefix.length - 1; i >= 0; i--) {
            if (prefix[i] != (byte) 0xff) {
                byte[] next = Arrays.copyOf(prefix, i + 1);
                next[i]++;
                return next;
            }
        }
        return null;
    }

    private static byte[] name(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }
}
