// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.meter;

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
    /** From Linux 6.2 on the size of /proc/PID/fd is the number of descriptors; before, each is listed, not every time. */
    private static final int LIST_FILES_EVERY = 4;

    private static final int COUNT_FILES_UP_TO = 64;
    private static final int MOST_PROCESSES = 40_000;

    private final Path proc;
    private final long initPid;
    private final WorkDirectory scratch;
    private final long memoryLimit;
    private long highestTicks;
    private int round;

    /**
     * @param initPid the sandbox' init, itself not counted
     * @param scratch the work directory
     * @param memoryLimit near which memory is measured exactly
     */
    public TreeMeter(Path proc, long initPid, WorkDirectory scratch, long memoryLimit) {
        this.proc = proc;
        this.initPid = initPid;
        this.scratch = scratch;
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
        boolean mayList = round++ % LIST_FILES_EVERY == 0 && pids.size() <= EXACT_UP_TO;
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
            if (pids.size() <= COUNT_FILES_UP_TO) {
                openFiles = Math.max(openFiles, descriptors(pid, mayList));
            }
        }
        highestTicks = Math.max(highestTicks, ticks);
        scratch.look(proc, pids);
        long used = scratch.bytes();
        return new Reading(
                highestTicks * Proc.NANOS_PER_TICK,
                memory(pids, residentBytes),
                threads,
                read,
                written,
                openFiles,
                used,
                scratch.over(),
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

    long scratchMemoryBytes() {
        return scratch.memoryBytes();
    }

    private int descriptors(long pid, boolean mayList) {
        java.io.File directory = proc.resolve(pid + "/fd").toFile();
        long counted = directory.length();
        if (counted > 0 || !mayList) {
            return (int) Math.min(counted, Integer.MAX_VALUE);
        }
        String[] listed = directory.list();
        return listed == null ? 0 : listed.length;
    }

    private long memory(List<Long> pids, long residentBytes) {
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
        return proportional - Math.min(shared, scratch.memoryBytes());
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
