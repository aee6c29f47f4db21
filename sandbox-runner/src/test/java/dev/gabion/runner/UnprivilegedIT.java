// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.LimitHit;
import dev.gabion.api.v1alpha1.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The runner as a user without privilege and without capabilities, as in a pod: uid 65532, no new privileges, empty
 * bounding set (setpriv of util-linux). The other tests run as whoever runs the build.
 */
@Timeout(60)
class UnprivilegedIT {
    private static final Path SETPRIV = Path.of("/usr/bin/setpriv");

    private Path root = Path.of("/nowhere");

    @BeforeEach
    void prepare() throws IOException {
        assumeTrue(Root.isRoot(), "not started as root, so every test here already runs without privilege");
        assumeTrue(Files.isExecutable(SETPRIV), "no /usr/bin/setpriv here (package util-linux)");
        root = Files.createTempDirectory("gabion-unprivileged");
        open(root);
        for (String directory : List.of("gabion", "gabion/plan", "gabion/source", "gabion/scratch", "dev", "lib")) {
            open(Files.createDirectory(root.resolve(directory)));
        }
        // The build's folders may be closed to other users.
        Path lib = root.resolve("lib");
        Files.copy(Jobs.launcher(false), lib.resolve("gabion-launch"), StandardCopyOption.COPY_ATTRIBUTES);
        int number = 0;
        for (String entry : System.getProperty("java.class.path").split(":", -1)) {
            Path source = Path.of(entry);
            if (Files.exists(source)) {
                copy(source, lib.resolve("entry-" + number++));
            }
        }
    }

    @AfterEach
    void remove() throws IOException {
        if (Files.exists(root)) {
            try (Stream<Path> tree = Files.walk(root)) {
                for (Path path :
                        tree.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    @Test
    void everyControlOfTheLevelStandsWithoutPrivilege() throws Exception {
        SandboxResult result = run(Jobs.python("print('hello')"));

        assertThat(result.verdict()).as(result.toString()).isEqualTo(Verdict.OK);
        for (ControlName name : List.of(
                ControlName.UserNamespace,
                ControlName.PidNamespace,
                ControlName.MountNamespace,
                ControlName.NetworkNamespace,
                ControlName.ReadOnlyRoot,
                ControlName.NoCapabilities,
                ControlName.NoNewPrivileges,
                ControlName.ResourceLimits,
                ControlName.Seccomp,
                ControlName.Landlock)) {
            assertThat(result.controls())
                    .filteredOn(control -> control.name() == name)
                    .extracting(Control::state)
                    .as(name.name())
                    .containsExactly(ControlState.Present);
        }
    }

    @Test
    void memoryIsSeenWithoutPrivilege() throws Exception {
        SandboxResult result = run(Jobs.python("""
                kept = []
                while True: kept.append(b'x' * (1024 * 1024) + b'%d' % len(kept))
                """).memory(96 * Jobs.MI));

        assertThat(result.verdict()).as(result.toString()).isEqualTo(Verdict.MemoryExceeded);
    }

    @Test
    void theWorkDirectoryIsMeasuredWithoutPrivilege() throws Exception {
        SandboxResult result = run(Jobs.bash("head -c 6000000 /dev/zero > big; sleep 0.3; rm big; exit 4")
                .scratch(4 * Jobs.MI));

        assertThat(result.verdict()).as(result.toString()).isEqualTo(Verdict.NonZeroExit);
        assertThat(result.limitsHit()).extracting(LimitHit::limit).contains("scratchSize");
    }

    @Test
    void cpuTimeRunsOutWithoutPrivilege() throws Exception {
        SandboxResult result = run(Jobs.python("while True: pass").cpu(400));

        assertThat(result.verdict()).as(result.toString()).isEqualTo(Verdict.CpuTimeExceeded);
        assertThat(Objects.requireNonNull(result.usage()).cpuTimeMilliseconds()).isBetween(400L, 1_500L);
    }

    @Test
    void levelPodWorksWithoutPrivilege() throws Exception {
        SandboxResult result = run(Jobs.python("print('hello')").level(dev.gabion.api.v1alpha1.IsolationLevel.Pod));

        assertThat(result.verdict()).as(result.toString()).isEqualTo(Verdict.OK);
    }

    private SandboxResult run(Jobs job) throws Exception {
        // What only a pod has cannot be asked for here.
        Jobs asked = job.required(ControlName.Seccomp, ControlName.NoNewPrivileges, ControlName.NoCapabilities);
        Files.write(root.resolve("gabion/plan/plan.json"), asked.plan().toJson());
        asked.writeSourceTo(root.resolve("gabion/source"));
        StringBuilder classPath = new StringBuilder();
        try (Stream<Path> entries = Files.list(root.resolve("lib"))) {
            entries.filter(entry -> entry.getFileName().toString().startsWith("entry-"))
                    .sorted(java.util.Comparator.comparing(entry ->
                            Integer.valueOf(entry.getFileName().toString().substring("entry-".length()))))
                    .forEach(entry ->
                            classPath.append(classPath.isEmpty() ? "" : ":").append(entry));
        }
        ProcessBuilder builder = new ProcessBuilder(
                        SETPRIV.toString(),
                        "--reuid=65532",
                        "--regid=65532",
                        "--clear-groups",
                        "--no-new-privs",
                        "--bounding-set=-all",
                        "--inh-caps=-all",
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx64m",
                        "-cp",
                        classPath.toString(),
                        PodMain.class.getName(),
                        "pod",
                        "--root",
                        root.toString())
                .redirectOutput(root.resolve("log").toFile())
                .redirectErrorStream(true);
        builder.environment()
                .put("GABION_LAUNCHER", root.resolve("lib/gabion-launch").toString());
        Process process = builder.start();
        assertThat(process.waitFor(40, TimeUnit.SECONDS)).isTrue();
        Path message = root.resolve("dev/termination-log");
        assertThat(message).as(Files.readString(root.resolve("log"))).exists();
        return SandboxResult.fromJson(Files.readAllBytes(message));
    }

    private static void open(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private static void copy(Path source, Path target) throws IOException {
        try (Stream<Path> tree = Files.walk(source)) {
            for (Path path : tree.toList()) {
                Path copy = target.resolve(source.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(path, copy);
                }
            }
        }
    }
}
