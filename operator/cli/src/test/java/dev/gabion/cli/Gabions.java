// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Starts the built program as a user does, by its script. */
public final class Gabions {
    private static final int TIMEOUT_SECONDS = 60;

    /**
     * How it ended.
     *
     * @param code its exit code
     * @param out what it wrote to standard output
     * @param err what it wrote to standard error
     */
    @SuppressWarnings("ArrayRecordComponent") // read by one test, never compared
    public record Ended(int code, byte[] out, String err) {
        public String text() {
            return new String(out, StandardCharsets.UTF_8);
        }
    }

    /** The script of this source tree. */
    public static Path script() {
        Path script = Path.of(System.getProperty("gabion.root"), "operator/cli/bin/gabion");
        if (!Files.isExecutable(script)) {
            throw new IllegalStateException(script + " is missing");
        }
        return script;
    }

    /** The program, ready to start in a folder. */
    public static ProcessBuilder builder(Path folder, String... args) {
        List<String> command = new ArrayList<>(List.of(script().toString()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().remove("KUBECONFIG");
        return builder;
    }

    /** Runs it with nothing on its standard input. */
    public static Ended run(Path folder, String... args) {
        return run(folder, Map.of(), "", args);
    }

    /** Runs it with these variables and this standard input. */
    public static Ended run(Path folder, Map<String, String> env, String stdin, String... args) {
        try {
            ProcessBuilder builder = builder(folder, args);
            builder.environment().putAll(env);
            return ended(builder.start(), stdin);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Ended ended(Process process, String stdin) throws IOException {
        CompletableFuture<byte[]> out = CompletableFuture.supplyAsync(() -> all(process.getInputStream()));
        CompletableFuture<byte[]> err = CompletableFuture.supplyAsync(() -> all(process.getErrorStream()));
        try (var in = process.getOutputStream()) {
            in.write(stdin.getBytes(StandardCharsets.UTF_8));
        }
        try {
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("gabion did not end within " + TIMEOUT_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw new IllegalStateException(e);
        }
        return new Ended(process.exitValue(), out.join(), new String(err.join(), StandardCharsets.UTF_8));
    }

    private static byte[] all(java.io.InputStream in) {
        try (in) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Gabions() {}
}
