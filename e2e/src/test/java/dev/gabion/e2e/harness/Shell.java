// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program of this machine to its end. */
public final class Shell {
    private Shell() {}

    /** Exit code, and standard output and error in one. */
    public record Result(int exitCode, String output) {}

    /** Runs the program; a program that outlives the limit is ended, and the test fails. */
    public static Result run(Duration limit, List<String> command) {
        try {
            Path output = Files.createTempFile("gabion-e2e", ".out");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectInput(ProcessBuilder.Redirect.from(
                                Path.of("/dev/null").toFile()))
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
                boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
                if (!ended) {
                    process.destroyForcibly();
                }
                String said = Files.readString(output, StandardCharsets.UTF_8);
                if (!ended) {
                    throw new AssertionError("not ended after " + limit + ": " + command + "\n" + said);
                }
                return new Result(process.exitValue(), said);
            } finally {
                Files.delete(output);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted: " + command, interrupted);
        }
    }

    /** Runs the program and returns what it said; the test fails if its exit code is not 0. */
    public static String check(Duration limit, List<String> command) {
        Result result = run(limit, command);
        if (result.exitCode() != 0) {
            throw new AssertionError("exit code " + result.exitCode() + ": " + command + "\n" + result.output());
        }
        return result.output();
    }
}
