// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import dev.gabion.api.runner.JobPlan;
import dev.gabion.api.runner.PlanFile;
import dev.gabion.api.runner.PlanProgram;
import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.CustomSeccompProfile;
import dev.gabion.api.v1alpha1.EnvVar;
import dev.gabion.api.v1alpha1.IsolationLevel;
import dev.gabion.api.v1alpha1.OutputFile;
import dev.gabion.api.v1alpha1.ProcMount;
import dev.gabion.api.v1alpha1.ResolvedCompileLimits;
import dev.gabion.api.v1alpha1.ResolvedLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Builds plans for tests and runs them through the real launcher. */
final class Jobs {
    static final long MI = 1024 * 1024;

    private final Map<String, String> files = new LinkedHashMap<>();
    private final List<String> args = new ArrayList<>();
    private final List<EnvVar> env = new ArrayList<>();
    private final List<String> outputs = new ArrayList<>();
    private final List<ControlName> required = new ArrayList<>();
    private List<String> command;
    private List<String> compile = List.of();
    private String profile;
    private @Nullable CustomSeccompProfile custom;
    private @Nullable String stdin;
    private IsolationLevel level = IsolationLevel.Process;
    private ProcMount proc = ProcMount.None;
    private ResolvedLimits limits =
            new ResolvedLimits(1000, 10_000, 20_000, 256 * MI, 64, 256, MI, 64 * MI, 64 * MI, null);

    private Jobs(String profile, List<String> command, String fileName, String program) {
        this.profile = profile;
        this.command = command;
        files.put(fileName, program);
    }

    static Jobs python(String program) {
        return new Jobs("python", List.of("/usr/bin/python3", "-u", "-B", "-s", "{file}"), "main.py", program);
    }

    static Jobs bash(String program) {
        return new Jobs("bash", List.of("/bin/bash", "{file}"), "main.sh", program);
    }

    static Jobs node(String program) {
        return new Jobs("node", List.of("/usr/bin/node", "{file}"), "main.js", program);
    }

    static Jobs c(String program) {
        Jobs job = new Jobs("c", List.of("{out}"), "main.c", program);
        job.compile = List.of("/usr/bin/gcc", "-std=gnu17", "-O1", "-o", "{out}", "{file}", "-lm", "-pthread");
        job.limits = new ResolvedLimits(
                1000,
                10_000,
                20_000,
                256 * MI,
                64,
                256,
                MI,
                64 * MI,
                64 * MI,
                new ResolvedCompileLimits(20_000, 60_000, 512 * MI, 64, 256, 256 * 1024, 64 * MI));
        return job;
    }

    Jobs file(String name, String content) {
        files.put(name, content);
        return this;
    }

    Jobs args(String... more) {
        args.addAll(List.of(more));
        return this;
    }

    Jobs env(String name, String value) {
        env.add(new EnvVar(name, value));
        return this;
    }

    Jobs outputs(String... patterns) {
        outputs.addAll(List.of(patterns));
        return this;
    }

    Jobs required(ControlName... names) {
        required.addAll(List.of(names));
        return this;
    }

    Jobs stdin(String text) {
        stdin = text;
        return this;
    }

    Jobs level(IsolationLevel other) {
        level = other;
        return this;
    }

    Jobs proc(ProcMount mount) {
        proc = mount;
        return this;
    }

    Jobs profile(String name) {
        profile = name;
        return this;
    }

    Jobs profile(CustomSeccompProfile other) {
        custom = other;
        return this;
    }

    Jobs command(String... words) {
        command = List.of(words);
        return this;
    }

    Jobs compile(String... words) {
        compile = List.of(words);
        return this;
    }

    Jobs limits(UnaryOperator<ResolvedLimits> change) {
        limits = change.apply(limits);
        return this;
    }

    Jobs cpu(long milliseconds) {
        return limits(l -> new ResolvedLimits(
                l.cpuMillicores(),
                milliseconds,
                l.wallTimeMilliseconds(),
                l.memoryBytes(),
                l.processes(),
                l.openFiles(),
                l.outputBytes(),
                l.fileSizeBytes(),
                l.scratchSizeBytes(),
                l.compile()));
    }

    Jobs wall(long milliseconds) {
        return limits(l -> new ResolvedLimits(
                l.cpuMillicores(),
                l.cpuTimeMilliseconds(),
                milliseconds,
                l.memoryBytes(),
                l.processes(),
                l.openFiles(),
                l.outputBytes(),
                l.fileSizeBytes(),
                l.scratchSizeBytes(),
                l.compile()));
    }

    Jobs memory(long bytes) {
        return limits(l -> new ResolvedLimits(
                l.cpuMillicores(),
                l.cpuTimeMilliseconds(),
                l.wallTimeMilliseconds(),
                bytes,
                l.processes(),
                l.openFiles(),
                l.outputBytes(),
                l.fileSizeBytes(),
                l.scratchSizeBytes(),
                l.compile()));
    }

    Jobs processes(int number) {
        return limits(l -> new ResolvedLimits(
                l.cpuMillicores(),
                l.cpuTimeMilliseconds(),
                l.wallTimeMilliseconds(),
                l.memoryBytes(),
                number,
                l.openFiles(),
                l.outputBytes(),
                l.fileSizeBytes(),
                l.scratchSizeBytes(),
                l.compile()));
    }

    Jobs openFiles(int number) {
        return limits(l -> new ResolvedLimits(
                l.cpuMillicores(),
                l.cpuTimeMilliseconds(),
                l.wallTimeMilliseconds(),
                l.memoryBytes(),
                l.processes(),
                number,
                l.outputBytes(),
                l.fileSizeBytes(),
                l.scratchSizeBytes(),
                l.compile()));
    }

    Jobs output(long bytes) {
        return limits(l -> new ResolvedLimits(
                l.cpuMillicores(),
                l.cpuTimeMilliseconds(),
                l.wallTimeMilliseconds(),
                l.memoryBytes(),
                l.processes(),
                l.openFiles(),
                bytes,
                l.fileSizeBytes(),
                l.scratchSizeBytes(),
                l.compile()));
    }

    Jobs fileSize(long bytes) {
        return limits(l -> new ResolvedLimits(
                l.cpuMillicores(),
                l.cpuTimeMilliseconds(),
                l.wallTimeMilliseconds(),
                l.memoryBytes(),
                l.processes(),
                l.openFiles(),
                l.outputBytes(),
                bytes,
                l.scratchSizeBytes(),
                l.compile()));
    }

    Jobs scratch(long bytes) {
        return limits(l -> new ResolvedLimits(
                l.cpuMillicores(),
                l.cpuTimeMilliseconds(),
                l.wallTimeMilliseconds(),
                l.memoryBytes(),
                l.processes(),
                l.openFiles(),
                l.outputBytes(),
                l.fileSizeBytes(),
                bytes,
                l.compile()));
    }

    JobPlan plan() {
        List<PlanFile> planned =
                files.keySet().stream().map(name -> new PlanFile(name, name)).toList();
        return new JobPlan(
                JobPlan.VERSION,
                "test",
                "job",
                "6d1c4a0e-0000-4000-8000-000000000001",
                1,
                new PlanProgram("test", planned.getFirst().name(), command, compile, List.of(), proc),
                planned,
                args,
                env,
                stdin,
                outputs,
                level,
                null,
                custom == null ? profile : custom.name(),
                custom,
                limits,
                required);
    }

    Path writeSource() {
        try {
            Path source = Files.createTempDirectory("gabion-test-source");
            writeSourceTo(source);
            return source;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void writeSourceTo(Path source) throws IOException {
        for (Map.Entry<String, String> file : files.entrySet()) {
            Files.writeString(source.resolve(file.getKey()), file.getValue());
        }
    }

    Run run() {
        return run(options -> options);
    }

    Run run(UnaryOperator<EngineOptions> change) {
        Run run = start(change);
        run.finish();
        return run;
    }

    /** Not run yet: for tests that cancel. */
    Run start(UnaryOperator<EngineOptions> change) {
        return new Run(plan(), change.apply(EngineOptions.local(launcher(false), writeSource())));
    }

    /** The launcher that the build made, plain or with test switches. */
    static Path launcher(boolean test) {
        return Path.of("target/launcher", test ? "gabion-launch-test" : "gabion-launch")
                .toAbsolutePath();
    }

    /** One run with everything that was heard of it. */
    static final class Run implements Listener {
        private final Engine engine;
        private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
        private final Map<String, byte[]> kept = new LinkedHashMap<>();
        private final List<String> violations = new ArrayList<>();
        private final Set<String> calls = new TreeSet<>();
        private @Nullable SandboxResult result;
        private volatile @Nullable Runnable onStart;
        private volatile boolean started;
        private List<Control> controls = List.of();

        private Run(JobPlan plan, EngineOptions options) {
            engine = new Engine(plan, options, this);
        }

        Run onStart(Runnable task) {
            onStart = task;
            return this;
        }

        SandboxResult finish() {
            SandboxResult done = engine.run();
            result = done;
            return done;
        }

        Engine engine() {
            return engine;
        }

        SandboxResult result() {
            return java.util.Objects.requireNonNull(result);
        }

        String stdout() {
            return stdout.toString(StandardCharsets.UTF_8);
        }

        byte[] stdoutBytes() {
            return stdout.toByteArray();
        }

        String stderr() {
            return stderr.toString(StandardCharsets.UTF_8);
        }

        byte[] stderrBytes() {
            return stderr.toByteArray();
        }

        Map<String, byte[]> kept() {
            return kept;
        }

        List<String> violations() {
            return violations;
        }

        /** The names of the calls in {@link #violations}. */
        Set<String> calls() {
            return calls;
        }

        List<Control> controls() {
            return controls;
        }

        boolean guestStarted() {
            return started;
        }

        @Override
        public void controls(List<Control> found) {
            controls = found;
        }

        @Override
        public void started() {
            started = true;
            Runnable task = onStart;
            if (task != null) {
                task.run();
            }
        }

        @Override
        public synchronized void output(GuestStream stream, byte[] bytes, int offset, int length) {
            (stream == GuestStream.STDOUT ? stdout : stderr).write(bytes, offset, length);
        }

        @Override
        public void file(OutputFile file, byte[] content) {
            kept.put(file.path(), content);
        }

        @Override
        public synchronized void violation(Violation violation) {
            violations.add(violation.description());
            if (violation.name() != null) {
                calls.add(violation.name());
            }
        }

        @Override
        public String toString() {
            return result + "\nstdout: " + stdout() + "\nstderr: " + stderr();
        }
    }
}
