// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.meter;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How full the guest's work directory is. For one thread. */
public interface WorkDirectory {

    /** Looks again, when it is time to; these are the guest's processes. */
    void look(Path proc, List<Long> pids);

    /** Bytes in it; 0 where it cannot be asked. */
    long bytes();

    /** Of these, bytes that the kernel counts as somebody's memory. */
    long memoryBytes();

    /** Whether it holds more than it may, in bytes or in number: only where no file system keeps that. */
    boolean over();

    /** A file system of its own, which refuses what is too much. */
    static WorkDirectory bounded(Path directory) {
        File top = directory.toFile();
        return new WorkDirectory() {
            @Override
            public void look(Path proc, List<Long> pids) {}

            @Override
            public long bytes() {
                long total = top.getTotalSpace();
                return total == 0 ? 0 : Math.max(0, total - top.getFreeSpace());
            }

            @Override
            public long memoryBytes() {
                return bytes();
            }

            @Override
            public boolean over() {
                return false;
            }
        };
    }

    /** A folder of somebody else's file system, counted now and then. */
    static WorkDirectory watched(Path directory, long mostBytes, long mostFiles) {
        return new Watched(directory, mostBytes, mostFiles);
    }

    /**
     * Counts what has a name, and what was deleted and is still open. Links are not followed. What was deleted, closed and is
     * still mapped is not seen; the volume's own size limit stands behind that.
     */
    final class Watched implements WorkDirectory {
        /** A count may take at most one part in this many of the time. */
        private static final int SHARE = 10;

        private static final long SOONEST_NANOS = 50_000_000L;

        private final Path directory;
        private final long mostBytes;
        private final long mostFiles;
        private long bytes;
        private long files;
        private long nextNanos = System.nanoTime();

        Watched(Path directory, long mostBytes, long mostFiles) {
            this.directory = directory;
            this.mostBytes = mostBytes;
            this.mostFiles = mostFiles;
        }

        @Override
        public long bytes() {
            return bytes;
        }

        @Override
        public long memoryBytes() {
            return 0;
        }

        @Override
        public boolean over() {
            return bytes > mostBytes || files > mostFiles;
        }

        @Override
        public void look(Path proc, List<Long> pids) {
            long before = System.nanoTime();
            if (before < nextNanos) {
                return;
            }
            long countedBytes = 0;
            long countedFiles = 0;
            Deque<Path> open = new ArrayDeque<>();
            open.add(directory);
            // Past the limit there is nothing more to know, and the guest must not choose how long this takes.
            while (!open.isEmpty() && countedFiles <= mostFiles) {
                try (DirectoryStream<Path> entries = Files.newDirectoryStream(open.remove())) {
                    for (Path entry : entries) {
                        BasicFileAttributes found =
                                Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                        countedFiles++;
                        countedBytes += found.isRegularFile() ? found.size() : 0;
                        if (found.isDirectory()) {
                            open.add(entry);
                        }
                        if (countedFiles > mostFiles) {
                            break;
                        }
                    }
                } catch (IOException | java.nio.file.DirectoryIteratorException e) {
                    // Removed while it was looked at, or the guest took its own right to read it: what is left counts.
                }
            }
            bytes = countedBytes + deleted(proc, pids);
            files = countedFiles;
            long now = System.nanoTime();
            nextNanos = now + Math.max(SOONEST_NANOS, SHARE * (now - before));
        }

        private long deleted(Path proc, List<Long> pids) {
            Map<Object, Long> sizes = new HashMap<>(); // once each, however many have it open
            for (long pid : pids) {
                try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(proc.resolve(pid + "/fd"))) {
                    for (Path descriptor : descriptors) {
                        String target = Files.readSymbolicLink(descriptor).toString();
                        if (target.startsWith(directory + "/") && target.endsWith(" (deleted)")) {
                            BasicFileAttributes found = Files.readAttributes(descriptor, BasicFileAttributes.class);
                            Object key = found.fileKey();
                            sizes.put(key == null ? descriptor : key, found.size());
                        }
                    }
                } catch (IOException | java.nio.file.DirectoryIteratorException e) {
                    // It has ended while it was looked at.
                }
            }
            return sizes.values().stream().mapToLong(Long::longValue).sum();
        }
    }
}
