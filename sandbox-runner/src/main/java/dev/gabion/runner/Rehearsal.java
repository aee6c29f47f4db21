// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import dev.gabion.api.runner.Frame;
import dev.gabion.api.runner.FrameWriter;
import dev.gabion.api.runner.JobPlan;
import dev.gabion.api.runner.PlanProgram;
import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.UsageSample;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.runner.meter.Cgroup;
import dev.gabion.runner.meter.TreeMeter;
import dev.gabion.runner.seccomp.Arch;
import dev.gabion.runner.seccomp.SeccompCompiler;
import dev.gabion.runner.seccomp.SeccompProfile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Loads the classes of a run, so that the image's class cache holds them: plan and result through JSON, the filter, the
 * meters, a launcher that cannot be started.
 */
final class Rehearsal {
    static void run() {
        try {
            Path source = Files.createTempDirectory("gabion-rehearsal");
            try {
                rehearse(source);
            } finally {
                Files.deleteIfExists(source.resolve("main.py"));
                Files.deleteIfExists(source);
            }
        } catch (IOException e) {
            throw new IllegalStateException("rehearsal", e);
        }
    }

    private static void rehearse(Path source) throws IOException {
        Files.writeString(source.resolve("main.py"), "print('hello')\n");
        JobPlan written = new JobPlan(
                JobPlan.VERSION,
                "rehearsal",
                "rehearsal",
                "rehearsal",
                1,
                new PlanProgram("python", "main.py", List.of("/bin/true", "{file}"), null, null, null),
                null,
                List.of("argument"),
                null,
                null,
                List.of("*.txt"),
                null,
                null,
                null,
                null,
                new ResolvedLimits(1000, 1000, 1000, 1 << 26, 8, 64, 1 << 20, 1 << 20, 1 << 20, null),
                List.of(ControlName.Seccomp));
        JobPlan plan = JobPlan.fromJson(written.toJson());
        byte[] unused = SeccompCompiler.compile(SeccompProfile.shipped("default"), Arch.current());
        var reading = new TreeMeter(
                        Path.of("/proc"),
                        ProcessHandle.current().pid(),
                        dev.gabion.runner.meter.WorkDirectory.bounded(source),
                        1)
                .read();
        FrameWriter out = new FrameWriter(OutputStream.nullOutputStream());
        out.frame(new Frame.Controls(
                List.of(new Control(ControlName.Seccomp, ControlState.Present, Cgroup.describeOwn()))));
        out.frame(new Frame.Series(List.of(new UsageSample(0, reading.cpuNanos(), 0L, 0, 0L, 0L))));
        out.frame(new Frame.Tail("stdout", 0, new byte[0]));
        SandboxResult result = Engine.run(
                plan,
                EngineOptions.local(source.resolve("no-launcher"), source).withScratchDirectory(source),
                Listener.NONE);
        out.frame(new Frame.Result(SandboxResult.fromJson(result.toTerminationMessage())));
        if (result.verdict() != Verdict.InternalError) {
            throw new IllegalStateException("a launcher that does not exist came to " + result);
        }
    }

    private Rehearsal() {}
}
