// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.meter;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sums over the descendants of the sandbox' init. Nothing gets out of that tree: the init is the reaper of its pid
 * namespace (or a subreaper), so a daemon that forks twice becomes its child.
 *
 * <p>CPU: user and system time of what lives, and of what was waited for. Children of a parent that ignores SIGCHLD are
 * counted as far as they were seen, so the sum is a lower bound. Memory: proportional set sizes (shared pages once);
 * resident set sizes while there are many processes and the sum is far from the limit.
 */
public final class TreeMeter implements Meter {
    private static final int EXACT_UP_TO = 8;
    private static final int COUNT_FILES_EVERY = 4;
    private static final int MOST_PROCESSES = 40_000;

    private final Path proc;
    private final long initPid;
    private final File scratch;
    private final long memoryLimit;
    private long highestTicks;
    private int round;

    /**
     * @param initPid the sandbox' init, itself not counted
     * @param scratch the work directory, as this process reaches it
     * @param memoryLimit near which memory is measured exactly
     */
    public TreeMeter(Path proc, long initPid, Path scratch, long memoryLimit) {
        this.proc = proc;
        this.initPid = initPid;
        this.scratch = scratch.toFile();
        this.memoryLimit = memoryLimit;
    }

    @Override
    public Reading read() {
        List<Long> pids = descendants();
        long ticks = 0;
        long residentBytes = 0;
        int threads = 0;
        long read = 0;
        long written = 0;
        int openFiles = 0;
        boolean countFiles = round++ % COUNT_FILES_EVERY == 0 && pids.size() <= EXACT_UP_TO;
        for (long pid : pids) {
            String[] stat = Proc.stat(proc, pid);
            if (stat == null || stat.length <= Proc.RESIDENT_PAGES) {
                continue;
            }
            ticks += number(stat, Proc.USER_TIME)
                    + number(stat, Proc.SYSTEM_TIME)
                    + number(stat, Proc.CHILDREN_USER_TIME)
                    + number(stat, Proc.CHILDREN_SYSTEM_TIME);
            if (pid == initPid) {
                continue;
            }
            threads += (int) number(stat, Proc.THREADS);
            residentBytes += number(stat, Proc.RESIDENT_PAGES) * Proc.PAGE_BYTES;
            if (pids.size() <= EXACT_UP_TO) {
                String io = Proc.text(proc.resolve(pid + "/io"));
                read += Math.max(0, Proc.value(io, "rchar:"));
                written += Math.max(0, Proc.value(io, "wchar:"));
            }
            if (countFiles) {
                String[] descriptors = proc.resolve(pid + "/fd").toFile().list();
                openFiles = Math.max(openFiles, descriptors == null ? 0 : descriptors.length);
            }
        }
        highestTicks = Math.max(highestTicks, ticks);
        long used = scratchBytes();
        return new Reading(
                highestTicks * Proc.NANOS_PER_TICK,
                memory(pids, residentBytes, used),
                threads,
                read,
                written,
                openFiles,
                used,
                0);
    }

    @Override
    public boolean cpuIsLowerBound() {
        return true;
    }

    @Override
    public String memorySource() {
        return "sum over the process tree";
    }

    /** Bytes in the work directory; 0 where it cannot be asked. */
    long scratchBytes() {
        long total = scratch.getTotalSpace();
        return total == 0 ? 0 : Math.max(0, total - scratch.getFreeSpace());
    }

    private long memory(List<Long> pids, long residentBytes, long scratchBytes) {
        if (pids.size() > EXACT_UP_TO && residentBytes < memoryLimit / 2) {
            return residentBytes;
        }
        long proportional = 0;
        long shared = 0;
        for (long pid : pids) {
            if (pid == initPid) {
                continue;
            }
            String rollup = Proc.text(proc.resolve(pid + "/smaps_rollup"));
            proportional += Math.max(0, Proc.value(rollup, "Pss:"));
            shared += Math.max(0, Proc.value(rollup, "Pss_Shmem:"));
        }
        if (proportional == 0) {
            return residentBytes;
        }
        // Mapped files of the work directory are in both; they count as scratch space.
        return proportional - Math.min(shared, scratchBytes);
    }

    /** The tree, init first. */
    private List<Long> descendants() {
        List<Long> found = new ArrayList<>();
        Deque<Long> open = new ArrayDeque<>();
        open.add(initPid);
        while (!open.isEmpty() && found.size() < MOST_PROCESSES) {
            long pid = open.remove();
            found.add(pid);
            String[] tasks = proc.resolve(pid + "/task").toFile().list();
            if (tasks == null) {
                continue;
            }
            for (String task : tasks) {
                addAll(open, Proc.text(proc.resolve(pid + "/task/" + task + "/children")));
            }
        }
        return found;
    }

    private static void addAll(Deque<Long> open, @Nullable String children) {
        if (children == null || children.isBlank()) {
            return;
        }
        for (String child : children.strip().split(" ", -1)) {
            open.add(Long.valueOf(child));
        }
    }

    private static long number(String[] stat, int field) {
        return Long.parseLong(stat[field]);
    }
}
