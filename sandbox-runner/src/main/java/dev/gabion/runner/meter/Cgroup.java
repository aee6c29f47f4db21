// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.meter;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The cgroup this process is in, version 1 or 2, reading only. Everything in bytes and nanoseconds; -1 where the kernel
 * does not say.
 */
public sealed interface Cgroup {

    long cpuNanos();

    /** Anonymous memory of all processes. */
    long anonymousBytes();

    /** Shared memory and files of tmpfs. */
    long sharedBytes();

    long oomKills();

    String describe();

    /** Whether all processes in it are among these; a process of another pid namespace is none of them. */
    boolean holdsOnly(Set<Long> pids);

    /**
     * The cgroup of this process, when nobody else is in it but this process and its own parents and children: then what
     * it counts is the job's. Null: it is shared, or none can be read.
     */
    static @Nullable Cgroup exclusive() {
        Cgroup own = find(Path.of("/sys/fs/cgroup"), Proc.text(Path.of("/proc/self/cgroup")));
        return own != null && own.holdsOnly(family()) ? own : null;
    }

    /** For a person. */
    static String describeOwn() {
        Cgroup own = exclusive();
        return own == null ? "no cgroup of its own" : own.describe();
    }

    private static Set<Long> family() {
        Set<Long> pids = new HashSet<>();
        ProcessHandle self = ProcessHandle.current();
        for (Optional<ProcessHandle> one = Optional.of(self);
                one.isPresent();
                one = one.get().parent()) {
            pids.add(one.get().pid());
        }
        self.descendants().forEach(child -> pids.add(child.pid()));
        return pids;
    }

    private static boolean holdsOnly(Path directory, Set<Long> pids) {
        String members = Proc.text(directory.resolve("cgroup.procs"));
        if (members == null || members.isBlank()) {
            return false;
        }
        for (String member : members.strip().split("\n", -1)) {
            if (!pids.contains(Long.parseLong(member))) {
                return false;
            }
        }
        return true;
    }

    /**
     * The cgroup of the process with this membership; null where none can be read.
     *
     * @param root where cgroups are mounted
     * @param membership text of /proc/self/cgroup (cgroups(7))
     */
    static @Nullable Cgroup find(Path root, @Nullable String membership) {
        if (membership == null) {
            return null;
        }
        if (Files.exists(root.resolve("cgroup.controllers"))) {
            Path own = under(root, path(membership, ""));
            return Files.exists(own.resolve("memory.stat")) ? new Version2(own) : null;
        }
        Path memory = under(root.resolve("memory"), path(membership, "memory"));
        Path cpu = under(root.resolve("cpuacct"), path(membership, "cpuacct"));
        return Files.exists(memory.resolve("memory.stat")) && Files.exists(cpu.resolve("cpuacct.usage"))
                ? new Version1(cpu, memory)
                : null;
    }

    /** In a container the own cgroup is mounted as the root, whatever the path says. */
    private static Path under(Path mount, String path) {
        Path own = mount.resolve(path.replaceFirst("^/+", ""));
        return Files.isDirectory(own) ? own : mount;
    }

    private static String path(String membership, String controller) {
        for (String line : membership.split("\n", -1)) {
            String[] parts = line.split(":", 3);
            if (parts.length == 3 && java.util.List.of(parts[1].split(",", -1)).contains(controller)) {
                return parts[2];
            }
        }
        return "/";
    }

    record Version2(Path directory) implements Cgroup {
        @Override
        public long cpuNanos() {
            long micros = Proc.value(Proc.text(directory.resolve("cpu.stat")), "usage_usec ");
            return micros < 0 ? -1 : micros * 1000;
        }

        @Override
        public long anonymousBytes() {
            return Proc.value(Proc.text(directory.resolve("memory.stat")), "anon ");
        }

        @Override
        public long sharedBytes() {
            return Proc.value(Proc.text(directory.resolve("memory.stat")), "shmem ");
        }

        @Override
        public long oomKills() {
            return Proc.value(Proc.text(directory.resolve("memory.events")), "oom_kill ");
        }

        @Override
        public boolean holdsOnly(Set<Long> pids) {
            return Cgroup.holdsOnly(directory, pids);
        }

        @Override
        public String describe() {
            return "cgroup v2";
        }
    }

    record Version1(Path cpu, Path memory) implements Cgroup {
        @Override
        public long cpuNanos() {
            return Proc.number(cpu.resolve("cpuacct.usage"));
        }

        @Override
        public long anonymousBytes() {
            return Proc.value(Proc.text(memory.resolve("memory.stat")), "total_rss ");
        }

        @Override
        public long sharedBytes() {
            return Proc.value(Proc.text(memory.resolve("memory.stat")), "total_shmem ");
        }

        @Override
        public long oomKills() {
            return Proc.value(Proc.text(memory.resolve("memory.oom_control")), "oom_kill ");
        }

        @Override
        public boolean holdsOnly(Set<Long> pids) {
            return Cgroup.holdsOnly(memory, pids) && Cgroup.holdsOnly(cpu, pids);
        }

        @Override
        public String describe() {
            return "cgroup v1";
        }
    }
}
