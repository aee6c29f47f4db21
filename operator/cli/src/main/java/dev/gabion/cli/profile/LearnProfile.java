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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs a program without ending it at violations, and proposes what its profile lacks. */
@Command(
        name = "learn",
        description = {
            "Run a program and propose the smallest addition to its profile: the system calls it makes that are a",
            "violation. Each is let through while learning, so run nothing here that you do not trust.",
            "The program's output goes to standard error, the proposal to standard output.",
            "Exit code 0: nothing to add; 1: an addition is proposed."
        })
final class LearnProfile implements Callable<Integer> {
    @Mixin
    private JobOptions options = new JobOptions();

    @Override
    public Integer call() {
        JobFile job = options.job();
        List<String> calls = LocalRun.learn(job, new Listener() {
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
        OutputMode.writeText(System.out, Documents.render(addition(job, calls), Documents.Format.json));
        return ExitCode.FINDING;
    }

    /** A profile that extends the program's with just these calls. A call with a note in brackets counts by its name. */
    static Map<String, Object> addition(JobFile job, List<String> calls) {
        List<String> names = new ArrayList<>();
        for (String call : calls) {
            String name = call.split("[ (]", 2)[0];
            if (!names.contains(name)) {
                names.add(name);
            }
        }
        String profile = job.spec().isolationOrDefault().seccompProfile();
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("comment", "used by " + job.name());
        entry.put("names", names);
        entry.put("action", "SCMP_ACT_ALLOW");
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("comment", "Read each call's manual page before you allow it.");
        document.put("extends", profile == null ? job.spec().runtime() : profile);
        document.put("syscalls", List.of(entry));
        return document;
    }
}
