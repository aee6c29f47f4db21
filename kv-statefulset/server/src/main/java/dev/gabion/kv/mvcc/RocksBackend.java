// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.mvcc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * RocksDB without its own journal: the replicated log is one. Flushes are atomic over all columns, or the applied position
 * could survive a crash that its effects do not.
 */
public final class RocksBackend implements Backend {
    private static final long MIB = 1L << 20;

    private final RocksDB db;
    private final DBOptions options;
    private final ColumnFamilyOptions columnOptions;
    private final Cache cache;
    private final BloomFilter filter;
    private final WriteOptions unjournaled;
    private final ReadOptions newest;
    private final Map<Column, ColumnFamilyHandle> columns = new EnumMap<>(Column.class);

    private RocksBackend(Path directory, long cacheBytes, long memtableBytes) throws RocksDBException {
        cache = new LRUCache(cacheBytes);
        filter = new BloomFilter(10);
        columnOptions = new ColumnFamilyOptions()
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setWriteBufferSize(memtableBytes)
                .setMaxWriteBufferNumber(4)
                .setLevelCompactionDynamicLevelBytes(true)
                .setTableFormatConfig(new BlockBasedTableConfig()
                        .setBlockCache(cache)
                        .setFilterPolicy(filter)
                        .setCacheIndexAndFilterBlocks(true)
                        .setPinL0FilterAndIndexBlocksInCache(true));
        options = new DBOptions()
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setAtomicFlush(true)
                .setParanoidChecks(true)
                .setMaxBackgroundJobs(2)
                .setKeepLogFileNum(3);
        List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
        descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, columnOptions));
        for (Column column : Column.values()) {
            descriptors.add(new ColumnFamilyDescriptor(
                    column.name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8), columnOptions));
        }
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        db = RocksDB.open(options, directory.toString(), descriptors, handles);
        handles.getFirst().close();
        int next = 1;
        for (Column column : Column.values()) {
            columns.put(column, handles.get(next++));
        }
        unjournaled = new WriteOptions().setDisableWAL(true);
        newest = new ReadOptions();
    }

    /**
     * Opens or creates.
     *
     * @param cacheBytes room for blocks read from disk
     * @param memtableBytes how much of one column is kept in memory before it is written
     */
    public static RocksBackend open(Path directory, long cacheBytes, long memtableBytes) {
        RocksDB.loadLibrary();
        try {
            Files.createDirectories(directory);
            return new RocksBackend(directory, cacheBytes, memtableBytes);
        } catch (RocksDBException e) {
            throw new StorageException("cannot open the database in " + directory, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static RocksBackend open(Path directory) {
        return open(directory, 64 * MIB, 32 * MIB);
    }

    private ColumnFamilyHandle handle(Column column) {
        ColumnFamilyHandle handle = columns.get(column);
        if (handle == null) {
            throw new IllegalArgumentException(column + " was not opened");
        }
        return handle;
    }

    @Override
    public Reader latest() {
        return new RocksReader(newest);
    }

    @Override
    public Frozen freeze() {
        return new RocksFrozen();
    }

    @Override
    public Batch batch() {
        return new RocksBatch();
    }

    @Override
    public void write(Batch batch) {
        try {
            db.write(unjournaled, ((RocksBatch) batch).batch);
        } catch (RocksDBException e) {
            throw new StorageException("cannot write", e);
        }
    }

    @Override
    public void flush() {
        try (FlushOptions wait = new FlushOptions().setWaitForFlush(true).setAllowWriteStall(true)) {
            db.flush(wait, List.copyOf(columns.values()));
        } catch (RocksDBException e) {
            throw new StorageException("cannot flush", e);
        }
    }

    @Override
    public void checkpoint(Path directory) {
        try (Checkpoint checkpoint = Checkpoint.create(db)) {
            checkpoint.createCheckpoint(directory.toString());
        } catch (RocksDBException e) {
            throw new StorageException("cannot write a checkpoint to " + directory, e);
        }
    }

    @Override
    public long size() {
        try {
            return db.getAggregatedLongProperty("rocksdb.total-sst-files-size")
                    + db.getAggregatedLongProperty("rocksdb.cur-size-all-mem-tables");
        } catch (RocksDBException e) {
            throw new StorageException("cannot ask for the size", e);
        }
    }

    /** Flushes, so that the next start has nothing to apply again. */
    @Override
    public void close() {
        flush();
        for (ColumnFamilyHandle column : columns.values()) {
            column.close();
        }
        db.close();
        options.close();
        columnOptions.close();
        newest.close();
        unjournaled.close();
        filter.close();
        cache.close();
    }

    private class RocksReader implements Reader {
        private final ReadOptions read;

        RocksReader(ReadOptions read) {
            this.read = read;
        }

        @Override
        public byte @Nullable [] get(Column column, byte[] key) {
            try {
                return db.get(handle(column), read, key);
            } catch (RocksDBException e) {
                throw new StorageException("cannot read from " + column, e);
            }
        }

        @Override
        public Cursor cursor(Column column, byte[] from, byte @Nullable [] until) {
            return new RocksCursor(handle(column), read, from, until);
        }
    }

    private final class RocksFrozen extends RocksReader implements Frozen {
        private final ReadOptions read;
        private final org.rocksdb.Snapshot snapshot;

        private RocksFrozen() {
            this(db.getSnapshot());
        }

        private RocksFrozen(org.rocksdb.Snapshot snapshot) {
            this(snapshot, new ReadOptions().setSnapshot(snapshot));
        }

        private RocksFrozen(org.rocksdb.Snapshot snapshot, ReadOptions read) {
            super(read);
            this.snapshot = snapshot;
            this.read = read;
        }

        @Override
        public void close() {
            read.close();
            db.releaseSnapshot(snapshot);
            snapshot.close();
        }
    }

    private final class RocksCursor implements Cursor {
        private final ReadOptions bounded;
        private final @Nullable Slice bound;
        private final RocksIterator iterator;

        RocksCursor(ColumnFamilyHandle column, ReadOptions read, byte[] from, byte @Nullable [] until) {
            bounded = new ReadOptions(read);
            if (until == null) {
                bound = null;
            } else {
                bound = new Slice(until);
                bounded.setIterateUpperBound(bound);
            }
            iterator = db.newIterator(column, bounded);
            iterator.seek(from);
        }

        @Override
        public boolean valid() {
            if (iterator.isValid()) {
                return true;
            }
            try {
                iterator.status();
            } catch (RocksDBException e) {
                throw new StorageException("cannot read on", e);
            }
            return false;
        }

        @Override
        public void next() {
            iterator.next();
        }

        @Override
        public byte[] key() {
            return iterator.key();
        }

        @Override
        public byte[] value() {
            return iterator.value();
        }

        @Override
        public int value(byte[] into) {
            return iterator.value(into, 0, into.length);
        }

        @Override
        public void close() {
            iterator.close();
            bounded.close();
            if (bound != null) {
                bound.close();
            }
        }
    }

    private final class RocksBatch implements Batch {
        private final WriteBatch batch = new WriteBatch();

        @Override
        public void put(Column column, byte[] key, byte[] value) {
            try {
                batch.put(handle(column), key, value);
            } catch (RocksDBException e) {
                throw new StorageException("cannot add to a batch", e);
            }
        }

        @Override
        public void delete(Column column, byte[] key) {
            try {
                batch.delete(handle(column), key);
            } catch (RocksDBException e) {
                throw new StorageException("cannot add to a batch", e);
            }
        }

        @Override
        public void close() {
            batch.close();
        }
    }
}
