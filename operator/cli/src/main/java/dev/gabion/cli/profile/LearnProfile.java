// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.profile;

import dev.gabion.cli.ExitCode;
import dev.gabion.cli.run.Documents;
import dev.gabion.cli.run.JobFile;
import dev.gabion.cli.run.JobOptions;
import dev.gabion.cli.run.LocalRun;
import dev.gabion.cli.run.OutputMode;
import dev.gabion.runner.GuestStream;
import dev.gabion.runner.Listener;
import dev.gabion.runner.Violation;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs a program without ending it at violations, and proposes what its profile lacks. */
@Command(
        name = "learn",
        description = {
            "Run a program and propose the smallest addition to its profile: the system calls it makes that are a",
            "violation, of socket, socketpair, ioctl, prctl and personality only what it asks of them. Each is let through",
            "while learning, so run nothing here that you do not trust. What no profile can allow is named on standard error.",
            "The program's output goes to standard error, the proposal to standard output: a file for --seccomp-profile, or",
            "an entry of a SandboxRuntime's customSeccompProfiles.",
            "Exit code 0: nothing to add; 1: there is."
        })
final class LearnProfile implements Callable<Integer> {
    @Mixin
    private JobOptions options = new JobOptions();

    @Override
    public Integer call() {
        JobFile job = options.job();
        List<Violation> calls = LocalRun.learn(job, new Listener() {
            @Override
            public synchronized void output(GuestStream stream, byte[] bytes, int offset, int length) {
                byte[] copy = java.util.Arrays.copyOfRange(bytes, offset, offset + length);
                System.err.print(dev.gabion.api.runner.TerminalText.escape(copy));
            }
        });
        System.err.flush();
        if (calls.isEmpty()) {
            System.err.println("gabion: the program makes no call that its profile does not allow");
            return ExitCode.OK;
        }
        Addition addition = Addition.of(job, calls);
        addition.refused().forEach(refused -> System.err.println("gabion: " + refused));
        if (addition.profile() != null) {
            OutputMode.writeText(System.out, Documents.render(addition.profile(), Documents.Format.json));
        }
        return ExitCode.FINDING;
    }
}
