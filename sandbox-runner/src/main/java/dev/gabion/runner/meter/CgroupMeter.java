// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.meter;

import java.nio.file.Path;

/**
 * Where the pod's cgroup is the job's: its CPU and memory less what the runner itself takes (this JVM and the
 * launcher), so that nothing of the guest escapes the count. Processes, descriptors and I/O still come from the tree.
 */
public final class CgroupMeter implements Meter {
    private final Cgroup cgroup;
    private final TreeMeter tree;
    private final Path proc;
    private final long ownPid;
    private final long launcherPid;
    private final long cpuBefore;
    private final long oomKillsBefore;

    /** Create it right before the guest starts: what was used until then is not the guest's. */
    public CgroupMeter(Cgroup cgroup, TreeMeter tree, Path proc, long ownPid, long launcherPid) {
        this.cgroup = cgroup;
        this.tree = tree;
        this.proc = proc;
        this.ownPid = ownPid;
        this.launcherPid = launcherPid;
        this.cpuBefore = cgroup.cpuNanos() - runnerCpuNanos();
        this.oomKillsBefore = Math.max(0, cgroup.oomKills());
    }

    @Override
    public Reading read() {
        Reading seen = tree.read();
        long cpu = Math.max(0, cgroup.cpuNanos() - runnerCpuNanos() - cpuBefore);
        long runner = anonymousBytes(ownPid) + anonymousBytes(launcherPid);
        long anonymous = Math.max(0, cgroup.anonymousBytes() - runner);
        long shared = Math.max(0, cgroup.sharedBytes() - tree.scratchMemoryBytes());
        return new Reading(
                Math.max(cpu, seen.cpuNanos()),
                anonymous + shared,
                seen.processes(),
                seen.readBytes(),
                seen.writtenBytes(),
                seen.openFiles(),
                seen.scratchBytes(),
                seen.scratchOver(),
                Math.max(0, cgroup.oomKills() - oomKillsBefore));
    }

    @Override
    public boolean cpuIsLowerBound() {
        return false;
    }

    @Override
    public String memorySource() {
        return cgroup.describe() + " less the runner's own";
    }

    private long runnerCpuNanos() {
        return ownCpuNanos(ownPid) + ownCpuNanos(launcherPid);
    }

    private long ownCpuNanos(long pid) {
        String[] stat = Proc.stat(proc, pid);
        return stat == null || stat.length <= Proc.SYSTEM_TIME
                ? 0
                : (Long.parseLong(stat[Proc.USER_TIME]) + Long.parseLong(stat[Proc.SYSTEM_TIME])) * Proc.NANOS_PER_TICK;
    }

    private long anonymousBytes(long pid) {
        return Math.max(0, Proc.value(Proc.text(proc.resolve(pid + "/status")), "RssAnon:"));
    }
}
