// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        CommandLine line = Main.commandLine(args);
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return line.execute(args);
    }

    @Test
    void aWrongFlagIsNamedWithWhatIsAllowed() {
        assertThat(run("run", "--memory", "64MiB", "x.py")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString())
                .startsWith("gabion run: Invalid value for option '--memory': '64MiB' is not allowed here;"
                        + " give a size from 1Mi to 1Ti")
                .contains("Try: gabion run --help");
    }

    @Test
    void aWrongWordIsNamedWithWhatIsAllowed() {
        assertThat(run("run", "--level", "VM", "x.py")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("'--level'", "Pod", "Process");
    }

    @Test
    void anUnknownCommandGetsSuggestions() {
        assertThat(run("rum")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("rum", "run");
    }

    @Test
    void nothingToRunIsSaid() {
        assertThat(run("run")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).startsWith("gabion run: what shall run? Give FILE or DIR");
        assertThat(run("run", "no-such-file.py")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("'no-such-file.py': there is no such file or folder");
    }

    @Test
    void helpListsEveryCommandAndExitCode() {
        assertThat(run("--help")).isZero();
        for (Commands command : Commands.values()) {
            assertThat(out.toString()).contains("  " + command.commandName());
        }
        assertThat(out.toString()).contains("113 MemoryExceeded", "120 command line or input wrong");
    }

    @Test
    void everyCommandHasHelp() {
        for (Commands command : Commands.values()) {
            out.getBuffer().setLength(0);
            assertThat(run(command.commandName(), "--help"))
                    .as(command.commandName())
                    .isZero();
            assertThat(out.toString()).startsWith("Usage: gabion " + command.commandName());
        }
    }

    @Test
    void completionIsAScript() {
        assertThat(run("completion", "bash")).isZero();
        assertThat(out.toString()).startsWith("#!/usr/bin/env bash").contains("--wall-time", "doctor");
        assertThat(run("completion", "fish")).isEqualTo(ExitCode.USAGE);
    }
}
