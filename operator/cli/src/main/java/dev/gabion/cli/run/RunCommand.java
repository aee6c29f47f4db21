// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.v1alpha1.OutputFile;
import dev.gabion.api.v1alpha1.Reason;
import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.api.v1alpha1.UsageSample;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.cli.ExitCode;
import dev.gabion.cli.UserError;
import dev.gabion.cli.chart.UsageChart;
import dev.gabion.cli.chart.UsageReport;
import dev.gabion.cli.terminal.ProgressLine;
import dev.gabion.cli.terminal.Terminal;
import dev.gabion.cli.value.ResultFile;
import dev.gabion.runner.Engine;
import dev.gabion.runner.GuestStream;
import dev.gabion.runner.Listener;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs one job here. */
@Command(
        name = "run",
        description = {
            "Run a program on this machine, in the isolation a job of a cluster gets, to its verdict.",
            "Exit code: the guest's own for the verdicts OK and NonZeroExit; gabion --help lists the others."
        },
        sortOptions = false)
public final class RunCommand implements Callable<Integer> {
    /** How long an interrupted run may take to end its guest before this program ends all the same. */
    private static final long CANCEL_SECONDS = 5;

    /** Longest message of an output in a status. */
    private static final int MAX_MESSAGE = 256;

    @Mixin
    private JobOptions job = new JobOptions();

    @ArgGroup(exclusive = false, validate = false, heading = "%nOutput:%n")
    private ResultOptions results = new ResultOptions();

    /** What is done with the result. */
    static final class ResultOptions {
        @Option(
                names = {"-o", "--output"},
                paramLabel = "FORMAT",
                description = {
                    "${COMPLETION-CANDIDATES}. text (default): the guest's output as it comes, the verdict on standard error.",
                    "json, yaml: a SandboxJob with its status on standard output instead."
                })
        private Documents.Format format = Documents.Format.text;

        @ArgGroup(exclusive = true, multiplicity = "0..1")
        private OutputMode mode = new OutputMode();

        @Option(
                names = {"-q", "--quiet"},
                description = "Nothing but the guest's output and errors.")
        private boolean quiet;

        @Option(
                names = "--usage",
                paramLabel = "FILE.json",
                description = "Write what was used, with its course, as JSON.")
        private @Nullable Path usage;

        @Option(
                names = "--chart",
                paramLabel = "FILE.png|FILE.svg",
                description = "Draw CPU and memory over time with the limits as lines.")
        private @Nullable Path chart;

        @Option(
                names = "--outputs-directory",
                paramLabel = "DIR",
                description = "Folder for the files of --outputs. Default: the one gabion is in.")
        private Path outputsDirectory = Path.of("");

        @Option(
                names = "--force",
                description = "Overwrite files that are there already with those of --outputs, instead of refusing.")
        private boolean force;

        private KeptFiles keptFiles() {
            return new KeptFiles(outputsDirectory, force);
        }
    }

    @Override
    public Integer call() {
        checkFiles();
        JobFile file = job.job();
        results.keptFiles().refuseExisting(file.spec().outputs());
        if (!file.spec().outputs().isEmpty()) {
            ResultFile.requireFolder("--outputs-directory", results.outputsDirectory);
        }
        if (Boolean.TRUE.equals(file.spec().suspend()) && !results.quiet) {
            System.err.println("gabion: spec.suspend is skipped: only a cluster makes a job wait");
        }
        try (LocalRun run = LocalRun.prepare(file, false)) {
            Screen screen = new Screen(results);
            SandboxResult result =
                    Boolean.TRUE.equals(file.spec().cancel()) ? cancelled(run) : runInterruptibly(run, screen);
            screen.end();
            if (!report(file, run, screen, result)) {
                return ExitCode.NOT_WRITTEN;
            }
            return ExitCode.of(result.verdict(), result.exitCode(), result.signal());
        }
    }

    /** A job that is cancelled from the start has this verdict in a cluster, too, and its guest never runs. */
    private static SandboxResult cancelled(LocalRun run) {
        return new SandboxResult(
                run.plan().uid(),
                1,
                Verdict.Cancelled,
                List.of(Reason.of("Cancelled", "spec.cancel is true: the guest was not started")),
                null,
                null,
                List.of(),
                null,
                List.of(),
                null,
                List.of(),
                null,
                null,
                null);
    }

    /** Ctrl-C and TERM end the guest first; the shell then sees 128 + the signal, as with any program. */
    private static SandboxResult runInterruptibly(LocalRun run, Screen screen) {
        Engine engine = run.engine(screen);
        CountDownLatch ended = new CountDownLatch(1);
        Thread onSignal = new Thread(
                () -> {
                    engine.cancel();
                    try {
                        if (!ended.await(CANCEL_SECONDS, TimeUnit.SECONDS)) {
                            System.err.println("gabion: the guest did not end in " + CANCEL_SECONDS + " s");
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    screen.end();
                    run.close();
                },
                "end-guest");
        Runtime.getRuntime().addShutdownHook(onSignal);
        try {
            return engine.run();
        } finally {
            ended.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(onSignal);
            } catch (IllegalStateException e) {
                // The program is ending by that very hook, which says the rest.
                parkUntilEnd();
            }
        }
    }

    private static void parkUntilEnd() {
        try {
            Thread.sleep(TimeUnit.SECONDS.toMillis(2 * CANCEL_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void checkFiles() {
        if (results.chart != null) {
            UsageChart.checkName(results.chart);
            ResultFile.require("--chart", results.chart);
        }
        if (results.usage != null) {
            ResultFile.require("--usage", results.usage);
        }
    }

    /** Tells and writes the result; false where a file of it could not be written. */
    private boolean report(JobFile file, LocalRun run, Screen screen, SandboxResult result) {
        Map<String, String> notKept = screen.notKept();
        notKept.forEach((path, why) -> System.err.println(
                "gabion: --outputs: not kept: " + Terminal.oneLine(path) + ": " + Terminal.oneLine(why)));
        if (results.format != Documents.Format.text) {
            byte[] document = Documents.render(document(file, run, result, notKept), results.format)
                    .getBytes(StandardCharsets.UTF_8);
            System.out.write(document, 0, document.length);
            System.out.flush();
        } else if (!results.quiet) {
            Summary.lines(
                            result.verdict(),
                            result.exitCode(),
                            result.signal(),
                            result.usage(),
                            result.reasons(),
                            result.controls())
                    .forEach(System.err::println);
            screen.kept().forEach(kept -> System.err.println("gabion: kept " + kept));
            result.outputs().stream()
                    .filter(output -> !Boolean.TRUE.equals(output.stored()))
                    .forEach(output ->
                            System.err.println("gabion: not kept: " + output.path() + ": " + output.message()));
        } else if (result.verdict() != Verdict.OK && result.verdict() != Verdict.NonZeroExit) {
            System.err.println("gabion: " + result.verdict());
        }
        return draw(file, result, run.plan().limits()) && notKept.isEmpty();
    }

    private boolean draw(JobFile file, SandboxResult result, ResolvedLimits limits) {
        Usage used = result.usage();
        if (results.usage == null && results.chart == null) {
            return true;
        }
        if (used == null) {
            System.err.println("gabion: the guest did not run: no usage to write");
            return true;
        }
        boolean written = true;
        String verdict = result.verdict().name();
        if (results.usage != null) {
            String report =
                    Documents.render(new UsageReport(file.name(), verdict, used, limits), Documents.Format.json);
            written = write("--usage", results.usage, to -> Files.writeString(to, report));
        }
        if (results.chart != null) {
            written &= write(
                    "--chart",
                    results.chart,
                    to -> UsageChart.write(to, file.name() + " (" + verdict + ")", used, limits));
        }
        return written;
    }

    /** Writes a file of the result. */
    private interface Writing {
        void write(Path to) throws IOException;
    }

    private static boolean write(String flag, Path file, Writing writing) {
        try {
            writing.write(file);
            return true;
        } catch (IOException e) {
            System.err.println("gabion: " + ResultFile.notWritten(flag, file, e).getMessage());
        } catch (UserError e) {
            System.err.println("gabion: " + flag + ": " + e.getMessage());
        }
        return false;
    }

    /** Only what was written is stored: the engine gave the file away before that. */
    private static OutputFile afterWriting(OutputFile output, @Nullable String notKept) {
        return notKept == null
                ? output
                : new OutputFile(
                        output.path(),
                        output.bytes(),
                        output.sha256(),
                        false,
                        null,
                        notKept.substring(0, Math.min(notKept.length(), MAX_MESSAGE)));
    }

    private static Object document(JobFile file, LocalRun run, SandboxResult result, Map<String, String> notKept) {
        SandboxJob job = new SandboxJob();
        job.setMetadata(new ObjectMetaBuilder().withName(file.name()).build());
        job.setSpec(file.spec());
        Usage usage = result.usage();
        job.setStatus(SandboxJobStatus.builder()
                .verdict(result.verdict())
                .reasons(result.reasons())
                .exitCode(result.exitCode())
                .signal(result.signal())
                .limitsHit(result.limitsHit())
                .usage(usage)
                .controls(result.controls())
                .output(result.output())
                .outputs(result.outputs().stream()
                        .map(output -> afterWriting(output, notKept.get(output.path())))
                        .toList())
                .attempts(1)
                .startTime(result.startTime())
                .completionTime(result.completionTime())
                .effectiveLimits(run.plan().limits())
                .build());
        return Documents.json().valueToTree(job);
    }

    /** What the user sees of a run while it goes on. */
    private static final class Screen implements Listener {
        private final ProgressLine progress;
        private final GuestOutput stdout;
        private final GuestOutput stderr;
        private final ResultOptions results;
        private final List<Path> kept = new ArrayList<>();
        private final Map<String, String> notKept = new LinkedHashMap<>();

        Screen(ResultOptions results) {
            this.results = results;
            this.progress = new ProgressLine(System.err, Terminal.is(Terminal.STDERR));
            this.stdout = new GuestOutput(System.out, progress, results.mode.escaped(Terminal.STDOUT));
            this.stderr = new GuestOutput(System.err, progress, results.mode.escaped(Terminal.STDERR));
        }

        @Override
        public void output(GuestStream stream, byte[] bytes, int offset, int length) {
            if (results.format == Documents.Format.text) {
                (stream == GuestStream.STDOUT ? stdout : stderr).write(bytes, offset, length);
            }
        }

        @Override
        public synchronized void sample(UsageSample sample) {
            if (!results.quiet) {
                progress.update(sample.offsetMilliseconds(), sample.cpuTimeMilliseconds(), sample.memoryBytes());
            }
        }

        @Override
        public synchronized void file(OutputFile file, byte[] content) {
            try {
                kept.add(results.keptFiles().write(file.path(), content));
            } catch (UserError | UncheckedIOException e) {
                // The run came to its verdict, and the other files are kept all the same.
                notKept.put(file.path(), String.valueOf(e.getMessage()));
            }
        }

        /** Files that were collected and could not be written, with the reason. */
        synchronized Map<String, String> notKept() {
            return new LinkedHashMap<>(notKept);
        }

        synchronized List<Path> kept() {
            return List.copyOf(kept);
        }

        void end() {
            stdout.finish();
            stderr.finish();
            progress.end();
        }
    }
}
