// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import dev.gabion.api.runner.JobPlan;
import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.v1alpha1.Limits;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.api.v1alpha1.SandboxRuntimeSpec;
import dev.gabion.api.v1alpha1.Source;
import dev.gabion.api.v1alpha1.SourceFile;
import dev.gabion.cli.UserError;
import dev.gabion.runner.CpuQuota;
import dev.gabion.runner.Engine;
import dev.gabion.runner.EngineOptions;
import dev.gabion.runner.GuestStream;
import dev.gabion.runner.Listener;
import dev.gabion.runner.Violation;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * One run of the engine on this machine: its plan and the folder with its files, which closing it removes.
 */
public final class LocalRun implements Closeable {
    /** The launcher's place in a checkout, below its root. */
    private static final String BUILT_LAUNCHER = "sandbox-runner/target/launcher/gabion-launch";

    private final JobPlan plan;
    private final Path folder;
    private final EngineOptions options;

    private LocalRun(JobPlan plan, Path folder, EngineOptions options) {
        this.plan = plan;
        this.folder = folder;
        this.options = options;
    }

    /** Makes everything ready; nothing of the guest has run. */
    static LocalRun prepare(JobFile job, boolean learn) {
        SandboxRuntimeSpec runtime = HostRuntimes.find(job.spec().runtime());
        HostRuntimes.require(job.spec().runtime(), runtime);
        JobPlan plan = LocalPlan.of(job, runtime);
        requireRate(job.spec());
        Path launcher = launcher();
        try {
            Path folder = Files.createTempDirectory("gabion-");
            LocalPlan.writeSource(job.spec(), folder);
            return new LocalRun(
                    plan, folder, EngineOptions.local(launcher, folder).withLearn(learn));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A rate that was asked for is kept or refused; one that a runtime has by default is kept where it can be. */
    private static void requireRate(SandboxJobSpec spec) {
        Limits limits = spec.limits();
        String whyNot = limits == null || limits.cpu() == null ? null : CpuQuota.whyNot();
        if (whyNot != null) {
            throw new UserError("limits.cpu (--cpu) cannot be kept on this machine: " + whyNot
                    + "; leave it out, or run as" + " root or in a session that was given the cpu controller");
        }
    }

    /** An empty program in the isolation, for what the probes find. */
    public static SandboxResult probe() {
        SandboxJobSpec spec = SandboxJobSpec.builder()
                .runtime("bash")
                .source(Source.inline(SourceFile.text("main.sh", ":\n")))
                .build();
        try (LocalRun run = prepare(new JobFile("doctor", spec), false)) {
            return run.engine(Listener.NONE).run();
        }
    }

    /** Calls that a program makes and its profile makes a violation, with all their arguments, as they come. */
    public static List<Violation> learn(JobFile job, Listener output) {
        List<Violation> calls = new ArrayList<>();
        try (LocalRun run = prepare(job, true)) {
            run.engine(new Listener() {
                        @Override
                        public void output(GuestStream stream, byte[] bytes, int offset, int length) {
                            output.output(stream, bytes, offset, length);
                        }

                        @Override
                        public synchronized void violation(Violation violation) {
                            calls.add(violation);
                        }
                    })
                    .run();
        }
        return calls;
    }

    JobPlan plan() {
        return plan;
    }

    /** The engine of this run, for one use. */
    Engine engine(Listener listener) {
        return new Engine(plan, options, listener);
    }

    /** Where the launcher is: as the environment says, installed, or built in this checkout. */
    static Path launcher() {
        Path found = EngineOptions.findLauncher();
        String home = System.getProperty("gabion.home");
        if (found == null && home != null) {
            found = Path.of(home, BUILT_LAUNCHER);
        }
        if (found == null || !Files.isExecutable(found)) {
            throw new UserError("gabion-launch is missing" + (found == null ? "" : " (" + found + ")")
                    + "; build it with: make launcher, or set GABION_LAUNCHER to it");
        }
        return found;
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.err.println("gabion: could not remove " + folder + ": " + e.getMessage());
        }
    }
}
