// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.runner.Frame;
import dev.gabion.api.runner.FrameReader;
import dev.gabion.api.runner.JobPlan;
import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.CustomSeccompProfile;
import dev.gabion.api.v1alpha1.SeccompAction;
import dev.gabion.api.v1alpha1.SeccompArg;
import dev.gabion.api.v1alpha1.SeccompRule;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.api.v1alpha1.Verdict;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The pod's program as a process of its own, with everything below a folder. */
@Timeout(60)
class PodMainIT {
    /** Outside a pod its own controls cannot be there. */
    private static final ControlName[] REQUIRED = {
        ControlName.Seccomp, ControlName.PidNamespace, ControlName.ReadOnlyRoot
    };

    private final List<Frame> frames = new ArrayList<>();
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();

    private final Path root;

    PodMainIT(@TempDir Path root) {
        this.root = root;
    }

    @Test
    void theVerdictIsInTheTerminationMessageAndTheDetailsInTheFrames() throws Exception {
        Jobs job = Jobs.python("""
                import sys
                print('out')
                print('err\\x1b[31m', file=sys.stderr)
                open('kept.bin', 'wb').write(bytes(range(256)) * 200)
                """).outputs("*.bin").required(REQUIRED);

        int code = run(job);

        SandboxResult message = message();
        assertThat(code).isZero();
        assertThat(message.verdict()).as(log()).isEqualTo(Verdict.OK);
        assertThat(message.jobUid()).isEqualTo(job.plan().uid());
        assertThat(message.attempt()).isEqualTo(1);
        assertThat(message.controls()).isNotEmpty();
        assertThat(text.toString(StandardCharsets.UTF_8)).contains("out").contains("err\\x1b[31m");
        assertThat(frames.getFirst()).isInstanceOf(Frame.Controls.class);
        assertThat(frames.getLast()).isInstanceOfSatisfying(Frame.Result.class, last -> {
            assertThat(last.result().verdict()).isEqualTo(Verdict.OK);
            assertThat(Objects.requireNonNull(last.result().usage()).series())
                    .isNotEmpty()
                    .hasSizeLessThanOrEqualTo(Usage.MAX_SERIES);
        });
        assertThat(frames)
                .anyMatch(frame -> frame instanceof Frame.Series series
                        && !series.samples().isEmpty());
        assertThat(tail("stdout")).isEqualTo("out\n");
        assertThat(tail("stderr")).isEqualTo("err\u001b[31m\n");
        assertThat(keptFile("kept.bin")).hasSize(256 * 200);
    }

    /** The profile travels in the plan, as the operator takes it from the SandboxRuntime. */
    @Test
    void aProfileOfTheRuntimesOwnIsTheGuests() throws Exception {
        Jobs job = Jobs.python("import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM); print('made')")
                .profile(new CustomSeccompProfile(
                        "own",
                        null,
                        "python",
                        null,
                        null,
                        List.of(new SeccompRule(
                                null,
                                List.of("socket"),
                                SeccompAction.SCMP_ACT_ALLOW,
                                null,
                                List.of(SeccompArg.int32(0, 2))))))
                .required(REQUIRED);

        assertThat(run(job)).isZero();
        assertThat(message().verdict()).as(log()).isEqualTo(Verdict.OK);
        assertThat(tail("stdout")).isEqualTo("made\n");
    }

    /** The guest writes what looks like a result, with the job's uid and all. */
    @Test
    void theGuestCannotForgeTheVerdict() throws Exception {
        SandboxResult forged = SandboxResult.internalError(
                Jobs.bash("").plan().uid(), 1, dev.gabion.api.v1alpha1.Reason.of("Forged", "forged"));
        Jobs job = Jobs.bash("printf '\\036%s\\n' \"$FORGED\"; echo \"$FORGED\" > /dev/termination-log; exit 3")
                .env(
                        "FORGED",
                        "{\"kind\":\"result\",\"result\":" + new String(forged.toJson(), StandardCharsets.UTF_8) + "}")
                .required(REQUIRED);

        int code = run(job);

        assertThat(code).isZero();
        assertThat(message().verdict()).as(log()).isEqualTo(Verdict.NonZeroExit);
        assertThat(message().exitCode()).isEqualTo(3);
        assertThat(frames.stream().filter(Frame.Result.class::isInstance)).hasSize(1);
        assertThat(text.toString(StandardCharsets.UTF_8)).contains("\\x1e{\"kind\":\"result\"");
    }

    @Test
    void sigtermCancelsAndTheResultIsWrittenAllTheSame() throws Exception {
        Process process = start(Jobs.python("import time; print('up', flush=True); time.sleep(60)")
                .required(REQUIRED));
        byte[] first = process.getInputStream().readNBytes(1);
        while (!new String(first, StandardCharsets.UTF_8).contains("up\n")) {
            byte[] more = process.getInputStream().readNBytes(1);
            assertThat(more).as("the guest's first line").isNotEmpty();
            byte[] all = java.util.Arrays.copyOf(first, first.length + 1);
            all[first.length] = more[0];
            first = all;
        }
        // Not Process.destroy(), which closes the stream that the rest is read from.
        assertThat(process.toHandle().destroy()).isTrue();
        read(process);

        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(message().verdict()).isEqualTo(Verdict.Cancelled);
        assertThat(frames.getLast()).isInstanceOf(Frame.Result.class);
    }

    /** The names are the guest's; in this locale Java can make no path of them. */
    @Test
    void namesThatAreNoPathsInTheRunnersLocaleAreKept() throws Exception {
        write(Jobs.python("""
                for name in (b'bad\\xff.txt', 'f\\u00fcr.txt'.encode(), b'other\\xff'):
                    open(name, 'wb').write(b'kept')
                """).outputs("*.txt").required(REQUIRED));
        ProcessBuilder builder = java("pod", "--root", root.toString());
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        read(process);

        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(message().verdict()).as(message().toString()).isEqualTo(Verdict.OK);
        assertThat(message().outputs())
                .allMatch(file -> Boolean.TRUE.equals(file.stored()))
                .extracting(dev.gabion.api.v1alpha1.OutputFile::path)
                .containsExactlyInAnyOrder("bad\\xff.txt", "f\u00fcr.txt");
    }

    /** Who kills the runner while its log blocks, or whose log is gone, must not cost a verdict that was reached. */
    @Test
    void theVerdictIsWrittenBeforeTheRestOfTheLog() throws Exception {
        write(Jobs.bash("printf kept > kept.bin; exit 3").outputs("*.bin").required(REQUIRED));
        List<String> kinds = new ArrayList<>();
        OutputStream failing = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("no room");
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                String kind = new String(bytes, offset, length, StandardCharsets.UTF_8);
                boolean answered = Files.exists(root.resolve("dev/termination-log"));
                kinds.add((answered ? "after " : "before ") + kind.substring(1, Math.min(kind.length(), 18)));
                if (answered) {
                    throw new IOException("no room");
                }
            }
        };

        int code = new PodMain(
                        root,
                        failing,
                        EngineOptions.pod(
                                Jobs.launcher(false), root.resolve("gabion/source"), root.resolve("gabion/scratch")))
                .run();

        assertThat(code).isZero();
        assertThat(message().verdict()).isEqualTo(Verdict.NonZeroExit);
        assertThat(message().exitCode()).isEqualTo(3);
        assertThat(kinds).hasSize(2);
        assertThat(kinds.getFirst()).startsWith("before ").contains("controls");
        assertThat(kinds.getLast()).startsWith("after ").contains("file");
    }

    @Test
    void aRequiredControlThatIsAbsentIsAnInternalErrorWithItsName() throws Exception {
        int code = run(Jobs.bash("echo ran").required(ControlName.PodSeccomp));

        assertThat(code).isEqualTo(1);
        assertThat(message().verdict()).isEqualTo(Verdict.InternalError);
        assertThat(message().reasons().getFirst().message()).contains("PodSeccomp");
        assertThat(text.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void aPlanThatCannotBeReadIsSaid() throws Exception {
        prepare();
        Files.writeString(root.resolve("gabion/plan/plan.json"), "{\"version\":7}");

        Process process = launch();
        read(process);

        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(message().reasons().getFirst().code()).isEqualTo("InvalidPlan");
    }

    @Test
    void aRehearsalEndsWell() throws Exception {
        Process process = java("rehearse").start();
        read(process);

        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    @Test
    void aLogOfMuchOutputStaysBelowRotation() throws Exception {
        int code = run(Jobs.bash("head -c 20000000 /dev/zero | tr '\\0' 'x'; echo; echo the end")
                .output(64 * Jobs.MI)
                .required(REQUIRED));

        assertThat(code).isZero();
        assertThat(message().verdict()).as(log()).isEqualTo(Verdict.OK);
        assertThat(text.size()).isBetween((int) PodMain.LOG_TEXT_BYTES, (int) PodMain.LOG_TEXT_BYTES + 1_000);
        assertThat(text.toString(StandardCharsets.UTF_8)).contains("[gabion: the guest wrote more");
        assertThat(tail("stdout")).endsWith("x\nthe end\n");
    }

    /** A container runtime puts its own prefix before each line: four million empty lines would be 200 MB on the node. */
    @Test
    void aLogOfShortLinesStaysBelowRotation() throws Exception {
        int code = run(Jobs.bash("head -c 4000000 /dev/zero | tr '\\0' '\\n'; echo the end")
                .output(64 * Jobs.MI)
                .required(REQUIRED));

        assertThat(code).isZero();
        assertThat(message().verdict()).isEqualTo(Verdict.OK);
        String log = text.toString(StandardCharsets.UTF_8);
        long lines = log.chars().filter(character -> character == '\n').count();
        assertThat(text.size() + lines * PodMain.LOG_LINE_BYTES)
                .isBetween(PodMain.LOG_TEXT_BYTES, PodMain.LOG_TEXT_BYTES + 1_000);
        assertThat(log).contains("[gabion: the guest wrote more");
        assertThat(tail("stdout")).endsWith("\n\nthe end\n");
    }

    private int run(Jobs job) throws Exception {
        Process process = start(job);
        read(process);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private void prepare() throws IOException {
        for (String directory : List.of("gabion/plan", "gabion/source", "gabion/scratch", "dev")) {
            Files.createDirectories(root.resolve(directory));
        }
    }

    private Process start(Jobs job) throws IOException {
        write(job);
        return launch();
    }

    private void write(Jobs job) throws IOException {
        prepare();
        JobPlan plan = job.plan();
        Files.write(root.resolve("gabion/plan/plan.json"), plan.toJson());
        job.writeSourceTo(root.resolve("gabion/source"));
    }

    private Process launch() throws IOException {
        return java("pod", "--root", root.toString()).start();
    }

    private static ProcessBuilder java(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                PodMain.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("GABION_LAUNCHER", Jobs.launcher(false).toString());
        return builder;
    }

    private void read(Process process) throws IOException {
        byte[] log = process.getInputStream().readAllBytes();
        FrameReader reader = new FrameReader(frames::add, text::write);
        reader.readAll(new ByteArrayInputStream(log));
        assertThat(reader.skipped()).isZero();
    }

    private SandboxResult message() throws IOException {
        byte[] message = Files.readAllBytes(root.resolve("dev/termination-log"));
        assertThat(message).hasSizeLessThanOrEqualTo(SandboxResult.MAX_TERMINATION_MESSAGE);
        return SandboxResult.fromJson(message);
    }

    private String tail(String stream) {
        for (Frame frame : frames) {
            if (frame instanceof Frame.Tail(String name, long offset, byte[] data) && name.equals(stream)) {
                return new String(data, StandardCharsets.UTF_8);
            }
        }
        throw new AssertionError("no tail of " + stream);
    }

    private byte[] keptFile(String path) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (Frame frame : frames) {
            if (frame instanceof Frame.FileChunk chunk && chunk.path().equals(path)) {
                assertThat(chunk.offset()).isEqualTo(whole.size());
                whole.writeBytes(chunk.data());
            }
        }
        return whole.toByteArray();
    }

    private String log() {
        return frames + text.toString(StandardCharsets.UTF_8);
    }
}
