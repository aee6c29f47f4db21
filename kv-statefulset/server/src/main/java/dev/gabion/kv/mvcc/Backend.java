// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.mvcc;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The storage engine behind everything: a few ordered maps of bytes, written in atomic batches.
 *
 * <p>Writes are not durable one by one. The replicated log is the journal: whatever a crash takes from here is applied again
 * from there, and the applied position travels in the same batch as its effects. {@link #flush()} makes all that was written
 * before it durable, in all columns at once.
 */
public interface Backend extends AutoCloseable {
    /** The maps. Keys are ordered as unsigned bytes. */
    enum Column {
        META,
        KEYS,
        REVISIONS,
        LEASES
    }

    /** The newest state. */
    Reader latest();

    /** The state as it is now, unmoved by later writes until closed. */
    Frozen freeze();

    Batch batch();

    /** All of the batch or nothing. */
    void write(Batch batch);

    /** Durable up to here, when it returns. Takes as long as the disk takes: not for the thread that applies. */
    void flush();

    /** A copy of the durable state in a directory that does not exist yet, at the cost of hard links. */
    void checkpoint(Path directory);

    /** Bytes on disk and in memory that are not yet on disk. */
    long size();

    @Override
    void close();

    /** Reads. Whoever gets an array owns it. */
    interface Reader {
        byte @Nullable [] get(Column column, byte[] key);

        /** At the first key that is not before {@code from}; ends before {@code until}, or at the end when it is null. */
        Cursor cursor(Column column, byte[] from, byte @Nullable [] until);
    }

    interface Frozen extends Reader, AutoCloseable {
        @Override
        void close();
    }

    interface Cursor extends AutoCloseable {
        boolean valid();

        void next();

        byte[] key();

        byte[] value();

        /** Copies the beginning of the value, as much as fits, and returns its whole length. */
        int value(byte[] into);

        @Override
        void close();
    }

    interface Batch extends AutoCloseable {
        void put(Column column, byte[] key, byte[] value);

        void delete(Column column, byte[] key);

        @Override
        void close();
    }
}
