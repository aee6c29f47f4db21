// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The CPU rate on one machine. */
@Timeout(60)
class CpuQuotaIT {
    @Test
    void twoBusyProcessesTogetherGetTheRate() {
        String whyNot = CpuQuota.whyNot();
        assumeTrue(whyNot == null, String.valueOf(whyNot));
        Jobs.Run run = Jobs.python("""
                import os, time
                os.fork()
                end = time.monotonic() + 1.5
                while time.monotonic() < end: pass
                """).limits(limits -> withCpu(limits, 200)).run();

        var usage = Objects.requireNonNull(run.result().usage());
        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        // 200m are 300 ms; without them two processes on two processors take 3,000 ms, on one 1,500.
        assertThat(usage.cpuTimeMilliseconds()).as(run.toString()).isBetween(100L, 600L);
        assertThat(run.controls())
                .filteredOn(control -> control.name() == ControlName.ResourceLimits)
                .allSatisfy(control -> assertThat(control.evidence()).contains("CPU 200m by cgroup"));
        assertThat(leftOver()).isEmpty();
    }

    @Test
    void withVersionTwoTheGroupIsBesideTheOwnOneOrAtTheTop(@TempDir Path cgroups) throws IOException {
        Files.createFile(cgroups.resolve("cgroup.controllers"));
        Files.createDirectories(cgroups.resolve("user.slice/shell.scope"));

        // An ordinary folder has no files of the kernel's in it: so the reason names both places that were tried.
        assertThatThrownBy(() -> CpuQuota.create(cgroups, "0::/user.slice/shell.scope\n", 500))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("user.slice: no cpu.max there")
                .hasMessageContaining(cgroups + ": no cpu.max there");
        assertThat(cgroups.resolve("user.slice")).isDirectoryContaining(path -> path.endsWith("shell.scope"));
    }

    private static List<Path> leftOver() {
        String mine = "gabion-" + ProcessHandle.current().pid() + "-";
        try (Stream<Path> found = Files.walk(Path.of("/sys/fs/cgroup/cpu"), 2)) {
            return found.filter(path -> path.getFileName().toString().startsWith(mine))
                    .toList();
        } catch (IOException | java.io.UncheckedIOException e) {
            return List.of(); // version 2
        }
    }

    private static ResolvedLimits withCpu(ResolvedLimits l, int millicores) {
        return new ResolvedLimits(
                millicores,
                l.cpuTimeMilliseconds(),
                l.wallTimeMilliseconds(),
                l.memoryBytes(),
                l.processes(),
                l.openFiles(),
                l.outputBytes(),
                l.fileSizeBytes(),
                l.scratchSizeBytes(),
                l.compile());
    }
}
