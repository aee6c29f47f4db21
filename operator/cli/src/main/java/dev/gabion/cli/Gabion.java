// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The program itself: without a command it lists them. */
@Command(
        name = "gabion",
        versionProvider = Version.class,
        description = "Runs untrusted code to a verdict: on this machine, or as a job of a cluster.",
        footer = {
            "",
            "Exit code: after run the guest's own for the verdicts OK and NonZeroExit. Else:",
            "  0 as asked                 1 something was found",
            "110 InternalError          111 CpuTimeExceeded       112 WallTimeExceeded",
            "113 MemoryExceeded         114 OutputExceeded        115 ProcessLimitExceeded",
            "116 FileSizeExceeded       117 SecurityViolation     118 CompileError",
            "119 Cancelled              120 command line or input wrong",
            "121 no answer from the cluster                        122 a result could not be written",
            "128 + N ended by signal N"
        })
@SuppressWarnings("UnusedVariable") // picocli reads the flags for help and version
final class Gabion implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = picocli.CommandLine.ScopeType.INHERIT,
            description = "Show this help and exit.")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version and exit.")
    private boolean version;

    @Override
    public Integer call() {
        if (spec != null) {
            spec.commandLine().usage(spec.commandLine().getErr());
        }
        return ExitCode.USAGE;
    }
}
