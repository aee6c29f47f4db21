// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import dev.gabion.api.runner.Frame;
import dev.gabion.api.runner.FrameWriter;
import dev.gabion.api.runner.JobPlan;
import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.runner.TerminalText;
import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.OutputFile;
import dev.gabion.api.v1alpha1.Reason;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.api.v1alpha1.UsageSample;
import dev.gabion.api.v1alpha1.Verdict;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The program in a job's pod: reads the plan, runs it, writes the guest's output and the frames to stdout and the verdict
 * to the termination message. SIGTERM cancels the job; the result is written all the same.
 *
 * <p>Arguments: none or {@code pod} in a pod; {@code pod --root DIR} looks for everything below a folder, which is how
 * the tests run it; {@code rehearse} touches what a run touches, without a guest, while an image records its class cache.
 *
 * <p>Exit code: 0 when the job came to a verdict about the guest, 1 for InternalError, 64 for wrong arguments.
 */
public final class PodMain {
    /**
     * Of the guest's output in the log, as the log's file on the node counts it; kubelets rotate at 10 MiB and show the
     * newest file only, so that more would lose the frames.
     */
    static final long LOG_TEXT_BYTES = 4L * 1024 * 1024;

    /**
     * What container runtimes add to each line: containerd and CRI-O a time stamp with nanoseconds and zone, stream and
     * tag (46 bytes), Docker the same as JSON (76). Lines longer than 16 KiB get it again, which is nothing beside them.
     */
    static final int LOG_LINE_BYTES = 80;

    private static final int LOG_SAMPLES = 2_400;
    private static final int EXIT_INTERNAL = 1;
    private static final int EXIT_USAGE = 64;
    /** The kubelet waits 30 s by default before it kills. */
    private static final int GRACE_SECONDS = 20;

    private final Path root;
    private final FrameWriter out;
    private final EngineOptions options;

    PodMain(Path root, OutputStream out, EngineOptions options) {
        this.root = root;
        this.out = new FrameWriter(out);
        this.options = options;
    }

    public static void main(String[] args) throws InterruptedException {
        List<String> words = Arrays.asList(args);
        if (words.equals(List.of("rehearse"))) {
            Rehearsal.run();
            return;
        }
        Path root;
        if (words.isEmpty() || words.equals(List.of("pod"))) {
            root = Path.of("/");
        } else if (words.size() == 3
                && words.get(0).equals("pod")
                && words.get(1).equals("--root")) {
            root = Path.of(words.get(2));
        } else {
            System.err.println("usage: runner pod [--root DIR] | runner rehearse");
            System.exit(EXIT_USAGE);
            return;
        }
        Path launcher = EngineOptions.findLauncher();
        EngineOptions options = EngineOptions.pod(
                launcher == null ? Path.of("/opt/gabion/bin/gabion-launch") : launcher,
                below(root, JobPlan.SOURCE_DIRECTORY),
                below(root, JobPlan.SCRATCH_DIRECTORY));
        // Descriptor 1 itself: System.out would flush by lines and encode.
        PrintStream log =
                new PrintStream(new FileOutputStream(java.io.FileDescriptor.out), false, StandardCharsets.UTF_8);
        int code = new PodMain(root, log, options).run();
        System.exit(code);
    }

    private static Path below(Path root, String absolute) {
        return root.resolve(absolute.substring(1));
    }

    int run() throws InterruptedException {
        CountDownLatch written = new CountDownLatch(1);
        JobPlan plan;
        try {
            plan = JobPlan.fromJson(Files.readAllBytes(below(root, JobPlan.PLAN_FILE)));
        } catch (IOException | IllegalArgumentException e) {
            // Without a plan there is no uid to answer for: the operator sees an empty one and counts it as lost.
            SandboxResult unread = SandboxResult.internalError(
                    "", 0, Reason.of("InvalidPlan", JobPlan.PLAN_FILE + ": " + e.getMessage()));
            int code = answer(unread);
            new Log().end(unread);
            return code;
        }
        Log listener = new Log();
        Engine engine = new Engine(plan, options, listener);
        Thread hook = new Thread(() -> {
            engine.cancel();
            try {
                boolean unused = written.await(GRACE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            SandboxResult result = engine.run();
            int code = answer(result);
            listener.end(result);
            return code;
        } finally {
            written.countDown();
        }
    }

    /** The termination message. Before the rest of the log, which may block or fail: the job's truth rests on this. */
    private int answer(SandboxResult result) {
        try {
            Files.write(below(root, "/dev/termination-log"), result.toTerminationMessage());
        } catch (IOException e) {
            System.err.println("gabion: the termination message could not be written: " + e);
            return EXIT_INTERNAL;
        }
        return result.verdict() == Verdict.InternalError ? EXIT_INTERNAL : 0;
    }

    private static SandboxResult shortSeries(SandboxResult result) {
        Usage usage = result.usage();
        return usage == null
                ? result
                : result.withUsage(usage.withSeries(Series.downsample(usage.series(), Usage.MAX_SERIES)));
    }

    /** Writes what is heard to the log. */
    private final class Log implements Listener {
        private final TerminalText stdoutText = new TerminalText();
        private final TerminalText stderrText = new TerminalText();
        private final TailBuffer stdoutTail = new TailBuffer(Frame.Tail.MAX_BYTES);
        private final TailBuffer stderrTail = new TailBuffer(Frame.Tail.MAX_BYTES);
        private final List<Kept> files = new ArrayList<>();
        private long textBytes;

        @SuppressWarnings("ArrayRecordComponent")
        private record Kept(OutputFile file, byte[] content) {}

        @Override
        public void controls(List<Control> controls) {
            write(new Frame.Controls(controls));
        }

        /** The part that the log still takes, counted. */
        private String fitting(String escaped) {
            int end = 0;
            while (end < escaped.length() && textBytes < LOG_TEXT_BYTES) {
                int character = escaped.codePointAt(end);
                textBytes += character == '\n' ? 1 + LOG_LINE_BYTES : utf8Length(character);
                end += Character.charCount(character);
            }
            return escaped.substring(0, end);
        }

        private static int utf8Length(int character) {
            return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
        }

        @Override
        public synchronized void output(GuestStream stream, byte[] bytes, int offset, int length) {
            boolean toStdout = stream == GuestStream.STDOUT;
            (toStdout ? stdoutTail : stderrTail).append(bytes, offset, length);
            text((toStdout ? stdoutText : stderrText).append(bytes, offset, length));
        }

        private void text(String escaped) {
            if (textBytes >= LOG_TEXT_BYTES || escaped.isEmpty()) {
                return;
            }
            try {
                out.text(fitting(escaped));
                if (textBytes >= LOG_TEXT_BYTES) {
                    out.text("\n[gabion: the guest wrote more; the log keeps the first " + LOG_TEXT_BYTES + " bytes ("
                            + LOG_LINE_BYTES + " more per line), the result keeps the last]\n");
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Written at the end, after the verdict. Together they are bounded by the engine's options. */
        @Override
        public synchronized void file(OutputFile file, byte[] content) {
            files.add(new Kept(file, content));
        }

        private void chunks(OutputFile file, byte[] content) {
            int offset = 0;
            do {
                int length = Math.min(Frame.FileChunk.MAX_BYTES, content.length - offset);
                byte[] part = Arrays.copyOfRange(content, offset, offset + length);
                write(new Frame.FileChunk(file.path(), offset, part, offset + length == content.length));
                offset += length;
            } while (offset < content.length);
        }

        /** What remains to be said. A log that fails costs the details, not the verdict. */
        synchronized void end(SandboxResult result) {
            try {
                text(stdoutText.finish());
                text(stderrText.finish());
                for (Kept kept : files) {
                    chunks(kept.file, kept.content);
                }
                Usage usage = result.usage();
                List<UsageSample> samples = usage == null ? List.of() : Series.downsample(usage.series(), LOG_SAMPLES);
                for (int from = 0; from < samples.size(); from += Frame.Series.MAX_SAMPLES) {
                    write(new Frame.Series(
                            samples.subList(from, Math.min(samples.size(), from + Frame.Series.MAX_SAMPLES))));
                }
                tail("stdout", stdoutTail);
                tail("stderr", stderrTail);
                write(new Frame.Result(shortSeries(result)));
            } catch (UncheckedIOException e) {
                System.err.println("gabion: the result could not be written to the log: " + e.getCause());
            }
        }

        private void tail(String stream, TailBuffer tail) {
            byte[] bytes = tail.bytes();
            write(new Frame.Tail(stream, tail.total() - bytes.length, bytes));
        }

        private void write(Frame frame) {
            try {
                out.frame(frame);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
