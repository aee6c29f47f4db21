// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostChecksTest {
    @TempDir
    Path root = Path.of(""); // set by JUnit

    private HostFiles with(String path, String content) throws IOException {
        Files.createDirectories(root.resolve(path).getParent());
        Files.writeString(root.resolve(path), content + "\n");
        return new HostFiles(root);
    }

    @Test
    void kernel() throws IOException {
        assertThat(HostChecks.kernel(new HostFiles(root)).state()).isEqualTo(Check.State.unknown);
        assertThat(HostChecks.kernel(with("proc/sys/kernel/osrelease", "5.10.0-8-amd64"))
                        .state())
                .isEqualTo(Check.State.missing);
        assertThat(HostChecks.kernel(with("proc/sys/kernel/osrelease", "5.12.0"))
                        .state())
                .isEqualTo(Check.State.ok);
        assertThat(HostChecks.kernel(with("proc/sys/kernel/osrelease", "6.1.0-18-amd64"))
                        .state())
                .isEqualTo(Check.State.ok);
    }

    @Test
    void userNamespaces() throws IOException {
        assertThat(HostChecks.userNamespaces(new HostFiles(root)).state()).isEqualTo(Check.State.missing);
        assertThat(HostChecks.userNamespaces(with("proc/sys/user/max_user_namespaces", "0")))
                .isEqualTo(Check.missing(
                        "user namespaces",
                        "user.max_user_namespaces is 0",
                        "sysctl -w user.max_user_namespaces=15000"));
        assertThat(HostChecks.userNamespaces(with("proc/sys/user/max_user_namespaces", "15000"))
                        .state())
                .isEqualTo(Check.State.ok);
        Check restricted =
                HostChecks.userNamespaces(with("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"));
        assertThat(restricted.state()).isEqualTo(Check.State.weaker);
        assertThat(restricted.change()).contains("AppArmor profile for gabion-launch");
        assertThat(HostChecks.userNamespaces(with("proc/sys/kernel/unprivileged_userns_clone", "0"))
                        .change())
                .isEqualTo("sysctl -w kernel.unprivileged_userns_clone=1");
        assertThat(HostChecks.userNamespaces(with("proc/self/status", "Name:\tjava\nUid:\t1000\t1000\t1000\t1000"))
                        .state())
                .isEqualTo(Check.State.missing);
        assertThat(HostChecks.userNamespaces(with("proc/self/status", "Name:\tjava\nUid:\t0\t0\t0\t0"))
                        .state())
                .as("root makes them all the same")
                .isEqualTo(Check.State.weaker);
    }

    @Test
    void seccomp() throws IOException {
        assertThat(HostChecks.seccomp(new HostFiles(root)).state()).isEqualTo(Check.State.missing);
        assertThat(HostChecks.seccomp(with("proc/sys/kernel/seccomp/actions_avail", "kill_process errno allow"))
                        .state())
                .isEqualTo(Check.State.missing);
        assertThat(HostChecks.seccomp(with("proc/sys/kernel/seccomp/actions_avail", "errno user_notif allow"))
                        .state())
                .isEqualTo(Check.State.ok);
    }

    @Test
    void cgroupPerfAndModules() throws IOException {
        assertThat(HostChecks.cpuRate(null).state()).isEqualTo(Check.State.ok);
        assertThat(HostChecks.cpuRate("permission denied"))
                .extracting(Check::state, Check::found)
                .containsExactly(Check.State.weaker, "permission denied");
        assertThat(HostChecks.cgroup(new HostFiles(root)).state()).isEqualTo(Check.State.unknown);
        Files.createDirectories(root.resolve("sys/fs/cgroup/memory"));
        assertThat(HostChecks.cgroup(new HostFiles(root)).found()).isEqualTo("version 1");
        assertThat(HostChecks.cgroup(with("sys/fs/cgroup/cgroup.controllers", "memory"))
                        .found())
                .isEqualTo("version 2");
        assertThat(HostChecks.perf(with("proc/sys/kernel/perf_event_paranoid", "2"))
                        .state())
                .isEqualTo(Check.State.ok);
        assertThat(HostChecks.perf(with("proc/sys/kernel/perf_event_paranoid", "3"))
                        .change())
                .isEqualTo("sysctl -w kernel.perf_event_paranoid=2");
        assertThat(HostChecks.securityModules(with("sys/kernel/security/lsm", "capability,landlock"))
                        .found())
                .isEqualTo("capability,landlock");
        assertThat(HostChecks.landlock(0).state()).isEqualTo(Check.State.weaker);
        assertThat(HostChecks.landlock(7)).isEqualTo(Check.ok("Landlock", "ABI 7"));
    }

    @Test
    void theKernelAnswersTheCall() {
        assertThat(Landlock.abi()).isBetween(0, 100);
    }
}
