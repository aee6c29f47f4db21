// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.UsageSample;
import dev.gabion.runner.launch.LaunchEvent;
import dev.gabion.runner.launch.LaunchEvent.FileStatus;
import dev.gabion.runner.launch.LaunchRequest;
import dev.gabion.runner.launch.Launcher;
import dev.gabion.runner.meter.Meter;
import dev.gabion.runner.meter.Reading;
import dev.gabion.runner.seccomp.Arch;
import dev.gabion.runner.seccomp.SyscallTable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One guest from start to end: the compile step, or the run. Probes first; then one thread decides and measures, others
 * move bytes and wake it.
 */
final class Step {
    /** 20 a second. */
    private static final long SAMPLE_NANOS = 50_000_000L;

    private static final long FASTEST_NANOS = 4_000_000L;
    private static final long MEMORY_NANOS = 10_000_000L;
    private static final Duration END_TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_SAMPLES = 7_200;
    private static final long PAGE_BYTES = 4096;
    private static final int MAX_VIOLATIONS = 10_000;

    /** Decides, from all probes, whether the guest may start. */
    interface Gate {
        boolean open(List<Control> controls);
    }

    /** Makes the meter once the pids are known. */
    interface MeterFactory {
        Meter create(long launcherPid, long initPid, long guestPid);
    }

    /** Where the guest's bytes go. */
    interface Sink {
        void output(GuestStream stream, byte[] bytes, int offset, int length);
    }

    /** A file as it came out of the sandbox. */
    @SuppressWarnings("ArrayRecordComponent")
    record Collected(String path, long size, FileStatus status, byte @Nullable [] content) {}

    /**
     * What came of it.
     *
     * @param refused the gate did not open: nothing of the guest ran
     * @param failure the launcher failed; the rest is as far as it came
     * @param facts null: the guest never started or its end was not told
     */
    record Outcome(
            boolean refused,
            LaunchEvent.@Nullable Failure failure,
            @Nullable Facts facts,
            List<UsageSample> series,
            Reading peak,
            List<Collected> files,
            String memorySource) {}

    private final boolean compile;
    private final StepLimits limits;
    private final Gate gate;
    private final MeterFactory meters;
    private final Sink sink;
    private final Listener listener;
    private final AtomicBoolean cancelled;
    private final boolean learn;
    private final BlockingQueue<Signal> signals = new ArrayBlockingQueue<>(1024);
    private final List<Control> controls = new ArrayList<>();
    private final OutputCap cap;
    private final List<Collected> files = new ArrayList<>();
    private final Series series = new Series(MAX_SAMPLES);

    private Stop stop = Stop.NONE;
    private @Nullable String violation;
    private LaunchEvent.@Nullable Exit exit;
    private LaunchEvent.@Nullable Failure failure;
    private LaunchEvent.@Nullable FileBegin openFile;
    private ByteArrayOutputStream openContent = new ByteArrayOutputStream();
    private long startNanos;
    private boolean started;
    private int violations;
    private Peaks peaks = new Peaks();

    Step(
            boolean compile,
            StepLimits limits,
            Gate gate,
            MeterFactory meters,
            Sink sink,
            Listener listener,
            AtomicBoolean cancelled,
            boolean learn) {
        this.compile = compile;
        this.limits = limits;
        this.gate = gate;
        this.meters = meters;
        this.sink = sink;
        this.listener = listener;
        this.cancelled = cancelled;
        this.learn = learn;
        this.cap = new OutputCap(limits.outputBytes());
    }

    private sealed interface Signal {
        record Event(LaunchEvent event) implements Signal {}

        /** Something to look at: the output is full, or somebody cancelled. */
        record Wake() implements Signal {}

        record Closed(@Nullable String why) implements Signal {}
    }

    private static final class Peaks {
        private long cpuNanos;
        private long memory;
        private int processes;
        private int openFiles;
        private long scratch;
        private boolean scratchOver;
        private long read;
        private long written;
        private long oomKills;

        void take(Reading now) {
            cpuNanos = Math.max(cpuNanos, now.cpuNanos());
            memory = Math.max(memory, now.memoryBytes());
            processes = Math.max(processes, now.processes());
            openFiles = Math.max(openFiles, now.openFiles());
            scratch = Math.max(scratch, now.scratchBytes());
            scratchOver |= now.scratchOver();
            read = Math.max(read, now.readBytes());
            written = Math.max(written, now.writtenBytes());
            oomKills = Math.max(oomKills, now.oomKills());
        }

        Reading reading() {
            return new Reading(cpuNanos, memory, processes, read, written, openFiles, scratch, scratchOver, oomKills);
        }
    }

    /** Has the deciding thread look at {@code cancelled}. From any thread. */
    void wake() {
        boolean unused = signals.offer(new Signal.Wake());
    }

    /**
     * Runs it.
     *
     * @throws IOException when the launcher could not be started or broke off without a word
     */
    Outcome run(Launcher launcher, LaunchRequest request, byte[] stdin) throws IOException, InterruptedException {
        start("launcher-events", () -> readEvents(launcher));
        launcher.send(request);
        LaunchEvent.Ready ready = untilReady();
        if (ready == null) {
            return outcome("");
        }
        if (!gate.open(List.copyOf(controls))) {
            launcher.kill(false);
            untilDone(launcher);
            return new Outcome(true, failure, null, List.of(), Reading.NOTHING, List.of(), "");
        }
        Meter meter = meters.create(launcher.pid(), ready.initPid(), ready.guestPid());
        Thread out = start("guest-stdout", () -> pump(launcher.guestStdout(), GuestStream.STDOUT));
        Thread err = start("guest-stderr", () -> pump(launcher.guestStderr(), GuestStream.STDERR));
        start("guest-stdin", () -> feed(launcher.guestStdin(), stdin));
        if (!compile) {
            listener.started();
        }
        startNanos = System.nanoTime();
        launcher.go();
        watch(launcher, meter);
        untilDone(launcher);
        join(out);
        join(err);
        return outcome(meter.memorySource(), meter.cpuIsLowerBound());
    }

    private LaunchEvent.@Nullable Ready untilReady() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + EngineOptions.LAUNCHER_TIMEOUT.toNanos();
        while (true) {
            Signal signal = signals.poll(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            switch (signal) {
                case null ->
                    throw new IOException(
                            "the launcher was not ready within " + EngineOptions.LAUNCHER_TIMEOUT.toSeconds() + " s");
                case Signal.Event(LaunchEvent.Ready ready) -> {
                    return ready;
                }
                case Signal.Event(LaunchEvent event) -> take(event);
                case Signal.Wake() -> {}
                case Signal.Closed closed -> {
                    if (failure == null) {
                        throw new IOException("the launcher broke off before it was ready"
                                + (closed.why() == null ? "" : ": " + closed.why()));
                    }
                    return null;
                }
            }
        }
    }

    /** Until the guest has ended, by itself or by us. */
    private void watch(Launcher launcher, Meter meter) throws IOException, InterruptedException {
        long killedAt = 0;
        Reading last = Reading.NOTHING;
        long nextSample = startNanos;
        while (exit == null && failure == null) {
            long now = System.nanoTime();
            if (now >= nextSample && started) { // offsets count from the guest's start, which the launcher tells
                last = sample(meter);
                nextSample = System.nanoTime() + interval(last);
            }
            if (stop == Stop.NONE && violation == null) {
                stop = reason(last);
                if (stop != Stop.NONE) {
                    launcher.kill(stop != Stop.CANCELLED);
                    killedAt = System.nanoTime();
                }
            } else if (killedAt == 0) {
                killedAt = System.nanoTime(); // the launcher kills for a violation by itself
            } else if (System.nanoTime() - killedAt > END_TIMEOUT.toNanos()) {
                throw new IOException("the guest was not gone " + END_TIMEOUT.toSeconds() + " s after it was killed");
            }
            long wait = Math.min(nextSample, wallDeadline()) - System.nanoTime();
            Signal signal = signals.poll(Math.max(FASTEST_NANOS / 4, wait), TimeUnit.NANOSECONDS);
            switch (signal) {
                case null -> {}
                case Signal.Event(LaunchEvent event) -> take(event);
                case Signal.Wake() -> {}
                case Signal.Closed closed -> {
                    if (failure == null && exit == null) {
                        throw new IOException("the launcher broke off while the guest ran"
                                + (closed.why() == null ? "" : ": " + closed.why()));
                    }
                    return;
                }
            }
        }
    }

    private Stop reason(Reading now) {
        if (cancelled.get()) {
            return Stop.CANCELLED;
        }
        if (cap.cut()) {
            return Stop.OUTPUT;
        }
        if (now.memoryBytes() > limits.memoryBytes() || now.oomKills() > 0) {
            return Stop.MEMORY;
        }
        if (now.scratchOver()) {
            return Stop.SCRATCH;
        }
        if (now.cpuNanos() >= limits.cpuTimeMilliseconds() * 1_000_000) {
            return Stop.CPU_TIME;
        }
        return System.nanoTime() >= wallDeadline() ? Stop.WALL_TIME : Stop.NONE;
    }

    private long wallDeadline() {
        return stop == Stop.NONE ? startNanos + limits.wallTimeMilliseconds() * 1_000_000 : Long.MAX_VALUE;
    }

    private Reading sample(Meter meter) {
        Reading now = meter.read();
        peaks.take(now);
        UsageSample sample = new UsageSample(
                Math.max(0, (System.nanoTime() - startNanos) / 1_000_000),
                now.cpuNanos() / 1_000_000,
                now.memoryBytes(),
                now.processes(),
                now.readBytes(),
                now.writtenBytes());
        series.add(sample);
        if (!compile) {
            listener.sample(sample);
        }
        return now;
    }

    /** Looks again before a limit can be passed by much: CPU runs out at most as fast as there are processors. */
    private long interval(Reading now) {
        // Densely at first: most guests live shortly.
        long next = Math.clamp((System.nanoTime() - startNanos) / 8, FASTEST_NANOS, SAMPLE_NANOS);
        if (now.memoryBytes() > limits.memoryBytes() / 2) {
            next = Math.min(next, MEMORY_NANOS);
        }
        long cpuLeft = limits.cpuTimeMilliseconds() * 1_000_000 - now.cpuNanos();
        long soonest = cpuLeft / Runtime.getRuntime().availableProcessors();
        return Math.clamp(soonest, FASTEST_NANOS, next);
    }

    private void untilDone(Launcher launcher) throws InterruptedException {
        long deadline = System.nanoTime() + END_TIMEOUT.toNanos();
        while (failure == null) {
            Signal signal = signals.poll(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            switch (signal) {
                case null -> {
                    return;
                }
                case Signal.Closed closed -> {
                    int unused = launcher.waitFor(Duration.ofSeconds(2));
                    return;
                }
                case Signal.Event(LaunchEvent event) -> take(event);
                case Signal.Wake() -> {}
            }
        }
    }

    private void take(LaunchEvent event) {
        switch (event) {
            case LaunchEvent.Probe probe -> takeProbe(probe);
            case LaunchEvent.Started started -> takeStarted(started);
            case LaunchEvent.Violation found -> takeViolation(found);
            case LaunchEvent.Exit end -> {
                exit = end;
                if (end.cause() == LaunchEvent.Cause.VIOLATION && violation == null) {
                    violation = "a system call that this kernel does not name (gVisor reports no violations)";
                }
            }
            case LaunchEvent.Failure broken -> failure = broken;
            case LaunchEvent.FileBegin begin -> {
                if (begin.status() == FileStatus.OK) {
                    openFile = begin;
                    openContent = new ByteArrayOutputStream();
                } else {
                    files.add(new Collected(begin.path(), begin.size(), begin.status(), null));
                }
            }
            case LaunchEvent.FileData data -> openContent.writeBytes(data.bytes());
            case LaunchEvent.FileEnd end -> {
                if (openFile != null) {
                    files.add(
                            new Collected(openFile.path(), openFile.size(), FileStatus.OK, openContent.toByteArray()));
                    openFile = null;
                }
            }
            case LaunchEvent.Hello hello -> {}
            case LaunchEvent.Ready ready -> {}
            case LaunchEvent.Done done -> {}
        }
    }

    private void takeProbe(LaunchEvent.Probe probe) {
        for (ControlName name : ControlName.values()) {
            if (name.name().equals(probe.name())) {
                ControlState state =
                        switch (probe.state()) {
                            case ABSENT -> ControlState.Absent;
                            case PRESENT -> ControlState.Present;
                            case NOT_APPLICABLE -> ControlState.NotApplicable;
                            case UNKNOWN -> ControlState.Unknown;
                        };
                controls.add(new Control(name, state, probe.evidence()));
                return;
            }
        }
    }

    /** The launcher's clock is this JVM's (CLOCK_MONOTONIC behind both); if it is not, our own time of GO stands. */
    private void takeStarted(LaunchEvent.Started event) {
        long now = System.nanoTime();
        if (event.monotonicNanos() <= now && event.monotonicNanos() >= startNanos) {
            startNanos = event.monotonicNanos();
        }
        started = true;
    }

    private void takeViolation(LaunchEvent.Violation found) {
        if (learn) {
            if (violations++ < MAX_VIOLATIONS) {
                listener.violation(new Violation(
                        describe(found),
                        SyscallTable.name(found.number(), found.auditArch()).orElse(null),
                        java.util.Arrays.stream(found.arguments()).boxed().toList()));
            }
        } else if (violation == null) {
            violation = describe(found);
        }
    }

    static String describe(LaunchEvent.Violation found) {
        String name = SyscallTable.describe(found.number(), found.auditArch());
        boolean plain = false;
        for (Arch arch : Arch.values()) {
            plain |= arch.auditArch() == found.auditArch();
        }
        if (plain && (name.equals("socket") || name.equals("socketpair"))) {
            return name + "(" + SocketFamilies.name((int) found.arguments()[0]) + ")";
        }
        if (plain && name.equals("clone")) {
            return String.format(Locale.ROOT, "clone(0x%x)", found.arguments()[0]);
        }
        return name;
    }

    private void readEvents(Launcher launcher) {
        String why = null;
        try {
            for (LaunchEvent event = launcher.next(); event != null; event = launcher.next()) {
                signals.put(new Signal.Event(event));
            }
        } catch (IOException | IllegalArgumentException e) {
            why = e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        try {
            signals.put(new Signal.Closed(why));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Reads to the end, so that the guest never waits for us; past the limit the bytes are dropped. */
    private void pump(InputStream in, GuestStream stream) {
        byte[] buffer = new byte[64 * 1024];
        try (in) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                int taken = cap.take(read);
                if (taken > 0) {
                    sink.output(stream, buffer, 0, taken);
                }
                if (taken < read) {
                    wake();
                }
            }
        } catch (IOException e) {
            // The pipe is gone with the launcher: the end of the output.
        }
    }

    private static void feed(OutputStream out, byte[] stdin) {
        try (out) {
            out.write(stdin);
        } catch (IOException e) {
            // The guest does not read its input, which is its right.
        }
    }

    private Outcome outcome(String memorySource) {
        return outcome(memorySource, true);
    }

    private Outcome outcome(String memorySource, boolean sampledLowerBound) {
        LaunchEvent.Exit end = exit;
        Facts facts = end == null || failure != null ? null : facts(end, sampledLowerBound);
        return new Outcome(false, failure, facts, series.samples(), peaks.reading(), List.copyOf(files), memorySource);
    }

    private Facts facts(LaunchEvent.Exit end, boolean sampledLowerBound) {
        boolean counted = end.perfNanos() != LaunchEvent.Exit.NO_PERF;
        long cpuNanos = Math.max(
                Math.max(peaks.cpuNanos, (end.userMicros() + end.systemMicros()) * 1000),
                counted ? end.perfNanos() : 0);
        long largest = 0;
        long left = 0;
        for (Map.Entry<String, Long> file : sizes().entrySet()) {
            largest = Math.max(largest, file.getValue());
            left += (file.getValue() + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES; // a tmpfs counts pages
        }
        // What was alive when the first process ended, and that one: exact, and between two looks.
        int alive = (int) Math.min(Integer.MAX_VALUE, end.killed() + 1L);
        long wall = Math.max(0, (end.monotonicNanos() - startNanos) / 1_000_000);
        return new Facts(
                compile,
                limits,
                stop,
                violation,
                end.signalled(),
                end.code(),
                cpuNanos / 1_000_000,
                sampledLowerBound && !counted,
                wall,
                peaks.memory > 0 ? peaks.memory : end.maxRssBytes(), // it ended before the first look
                Math.max(peaks.processes, Math.min(limits.processes(), alive)),
                peaks.openFiles,
                Math.max(peaks.scratch, left),
                largest,
                peaks.oomKills,
                0,
                cap.cut());
    }

    private Map<String, Long> sizes() {
        Map<String, Long> sizes = new java.util.HashMap<>();
        for (Collected file : files) {
            if (file.status() == FileStatus.OK
                    || file.status() == FileStatus.TOO_LARGE
                    || file.status() == FileStatus.SIZE_ONLY) {
                sizes.put(file.path(), file.size());
            }
        }
        return sizes;
    }

    private static void join(Thread thread) throws InterruptedException {
        thread.join(END_TIMEOUT);
    }

    private static Thread start(String name, Runnable task) {
        return Thread.ofPlatform().daemon().name(name).start(task);
    }
}
