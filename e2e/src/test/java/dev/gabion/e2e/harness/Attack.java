// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program of sandbox-runner/attacks, whose README tells what its head says.
 *
 * @param path its category and file name
 * @param program its text
 * @param expect how it may end: verdicts, or {@code contained}
 * @param syscall the system call that a SecurityViolation must name; empty if any
 */
public record Attack(String path, String program, Set<String> expect, String syscall) {
    private static final Pattern HEAD = Pattern.compile("^(?://|#) (expect|syscall): (.*)$", Pattern.MULTILINE);
    private static final Map<String, String> RUNTIMES = Map.of("py", "python", "sh", "bash", "js", "node", "c", "c");

    /** Reads it. */
    public static Attack read(String path) {
        String program;
        try {
            program = Files.readString(
                    TestCluster.source("sandbox-runner", "attacks").resolve(path));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        String expect = "";
        String syscall = "";
        for (Matcher line = HEAD.matcher(program); line.find(); ) {
            if ("expect".equals(line.group(1))) {
                expect = Objects.requireNonNull(line.group(2)).strip();
            } else {
                syscall = Objects.requireNonNull(line.group(2)).strip();
            }
        }
        return new Attack(path, program, Set.of(expect.split("\\|", -1)), syscall);
    }

    /** The job that runs it. */
    public String spec() {
        return JobYaml.program(
                RUNTIMES.getOrDefault(ending(), ending()), "main." + ending(), program, "maxAttempts: 1");
    }

    /** Its name as a job's. */
    public String name() {
        return path.replaceAll("[^a-z0-9]+", "-");
    }

    private String ending() {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    @Override
    public String toString() {
        return path;
    }
}
