// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.meter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On fixtures: the texts of both versions, as the kernel's documentation and running kernels write them. */
class CgroupTest {
    private final Path root;

    CgroupTest(@TempDir Path root) {
        this.root = root;
    }

    @Test
    void versionTwoInAContainer() throws IOException {
        write("cgroup.controllers", "cpu io memory pids\n");
        write("cgroup.procs", "1\n17\n");
        write("cpu.stat", "usage_usec 1234567\nuser_usec 1000000\nsystem_usec 234567\nnr_periods 0\n");
        write("memory.stat", "anon 40960000\nfile 8192\nkernel 4096\nshmem 8192000\ninactive_anon 1\n");
        write("memory.events", "low 0\nhigh 0\nmax 3\noom 1\noom_kill 2\noom_group_kill 0\n");

        Cgroup cgroup = Objects.requireNonNull(Cgroup.find(root, "0::/kubepods/burstable/pod1/abc\n"));

        assertThat(cgroup.describe()).isEqualTo("cgroup v2");
        assertThat(cgroup.cpuNanos()).isEqualTo(1_234_567_000L);
        assertThat(cgroup.anonymousBytes()).isEqualTo(40_960_000L);
        assertThat(cgroup.sharedBytes()).isEqualTo(8_192_000L);
        assertThat(cgroup.oomKills()).isEqualTo(2);
        assertThat(cgroup.holdsOnly(Set.of(1L, 17L))).isTrue();
        assertThat(cgroup.holdsOnly(Set.of(1L))).isFalse();
    }

    @Test
    void versionOneUnderItsOwnPath() throws IOException {
        String path = "kubepods/pod1/abc";
        write(
                "memory/" + path + "/memory.stat",
                "cache 1\nrss 2\ntotal_cache 3\ntotal_rss 5000000\ntotal_shmem 700000\n");
        write("memory/" + path + "/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n");
        write("memory/" + path + "/cgroup.procs", "1\n");
        write("cpuacct/" + path + "/cpuacct.usage", "987654321\n");
        write("cpuacct/" + path + "/cgroup.procs", "1\n");

        Cgroup cgroup = Objects.requireNonNull(Cgroup.find(
                root, "9:memory:/" + path + "\n3:cpu,cpuacct:/" + path + "\n1:name=systemd:/" + path + "\n"));

        assertThat(cgroup.describe()).isEqualTo("cgroup v1");
        assertThat(cgroup.cpuNanos()).isEqualTo(987_654_321L);
        assertThat(cgroup.anonymousBytes()).isEqualTo(5_000_000L);
        assertThat(cgroup.sharedBytes()).isEqualTo(700_000L);
        assertThat(cgroup.oomKills()).isEqualTo(4);
        assertThat(cgroup.holdsOnly(Set.of(1L, 2L))).isTrue();
    }

    @Test
    void whereThereIsNoneNothingIsMadeUp() {
        assertThat(Cgroup.find(root, "0::/\n")).isNull();
        assertThat(Cgroup.find(root, null)).isNull();
    }

    /** A pid namespace shows what is outside it as 0. */
    @Test
    void aStrangerInTheCgroupIsSeen() throws IOException {
        write("cgroup.controllers", "cpu\n");
        write("memory.stat", "anon 1\n");
        write("cgroup.procs", "0\n1\n");

        assertThat(Objects.requireNonNull(Cgroup.find(root, "0::/\n")).holdsOnly(Set.of(1L)))
                .isFalse();
    }

    private void write(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.writeString(file, text);
    }
}
