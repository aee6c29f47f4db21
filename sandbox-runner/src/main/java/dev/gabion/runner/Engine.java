// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import dev.gabion.api.runner.JobPlan;
import dev.gabion.api.runner.PlanFile;
import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.runner.TerminalText;
import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.CustomSeccompProfile;
import dev.gabion.api.v1alpha1.IsolationLevel;
import dev.gabion.api.v1alpha1.Output;
import dev.gabion.api.v1alpha1.OutputFile;
import dev.gabion.api.v1alpha1.Reason;
import dev.gabion.api.v1alpha1.StreamOutput;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.runner.launch.LaunchEvent;
import dev.gabion.runner.launch.LaunchRequest;
import dev.gabion.runner.launch.Launcher;
import dev.gabion.runner.meter.Cgroup;
import dev.gabion.runner.meter.CgroupMeter;
import dev.gabion.runner.meter.Meter;
import dev.gabion.runner.meter.TreeMeter;
import dev.gabion.runner.seccomp.Action;
import dev.gabion.runner.seccomp.Arch;
import dev.gabion.runner.seccomp.ArgTest;
import dev.gabion.runner.seccomp.Rule;
import dev.gabion.runner.seccomp.SeccompCompiler;
import dev.gabion.runner.seccomp.SeccompProfile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs one job inside the isolation to a verdict.
 *
 * <pre>{@code
 * SandboxResult result = Engine.run(plan, EngineOptions.local(launcher, sourceDirectory), listener);
 * }</pre>
 *
 * <p>Never throws for what the job, the guest or the sandbox does: that is a verdict, {@code InternalError} where the
 * platform failed. Nothing of the guest is alive when it returns. The result's usage holds the whole series; tails are
 * escaped for display, the raw bytes went to the listener.
 */
public final class Engine {
    /** What the launcher's probe asks for (socket(2)). */
    private static final int AF_INET = 2;

    private static final int SOCK_STREAM = 1;
    private static final int TAIL_CHARACTERS = 4096;

    /** Most characters of a path in a job's status. */
    private static final int LONGEST_PATH = 256;

    /** Most files that are announced though they are not kept; the result must stay readable. */
    private static final int MOST_NOT_KEPT = 32;

    /** How deep below the work directory the sizes of what is left are looked at. */
    private static final int LEVELS_LOOKED_AT = 4;

    private static final Path PROC = Path.of("/proc");

    private final JobPlan plan;
    private final EngineOptions options;
    private final Listener listener;
    private final @Nullable Cgroup cgroup;
    private final AtomicBoolean cancelled = new AtomicBoolean();
    private volatile @Nullable Step current;

    private List<Control> controls = List.of();
    private List<Control> missing = List.of();
    private TailBuffer stdout = new TailBuffer(TAIL_CHARACTERS);
    private TailBuffer stderr = new TailBuffer(TAIL_CHARACTERS);
    private @Nullable Instant started;
    private @Nullable String rate;

    public Engine(JobPlan plan, EngineOptions options, Listener listener) {
        this.plan = plan;
        this.options = options;
        this.listener = listener;
        this.cgroup = options.inPod() ? Cgroup.exclusive() : null;
    }

    /** Runs the plan and waits for its end. */
    public static SandboxResult run(JobPlan plan, EngineOptions options, Listener listener) {
        return new Engine(plan, options, listener).run();
    }

    /** Ends the guest; {@link #run()} returns with the verdict Cancelled. From any thread, at any time, any number of times. */
    public void cancel() {
        cancelled.set(true);
        Step step = current;
        if (step != null) {
            step.wake();
        }
    }

    /** Runs the plan and waits for its end. Once. */
    public SandboxResult run() {
        Path work = null;
        try {
            Map<String, byte[]> files = checkedPlan();
            work = Files.createTempDirectory(
                    options.scratchDirectory(),
                    "gabion-",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
            return steps(work, files);
        } catch (PlanFault e) {
            return internal("InvalidPlan", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return internal("SandboxFailed", String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return internal("Interrupted", "the runner was interrupted");
        } catch (IllegalArgumentException e) {
            // The plan was checked: this is about what the guest or the launcher did.
            return internal("RunnerFailed", String.valueOf(e));
        } finally {
            remove(work);
        }
    }

    /** The plan cannot be run, whatever the guest does. */
    private static final class PlanFault extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        PlanFault(IllegalArgumentException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** The program's files, when all that the plan says by itself is in order. */
    private Map<String, byte[]> checkedPlan() throws IOException {
        try {
            Map<String, byte[]> files = source();
            Sandbox.check(files);
            plan.outputs().forEach(Engine::checkedPattern);
            SeccompProfile unused = profile();
            return files;
        } catch (IllegalArgumentException e) {
            throw new PlanFault(e);
        }
    }

    private SeccompProfile profile() {
        CustomSeccompProfile custom = plan.customSeccompProfile();
        if (custom == null) {
            return SeccompProfile.shipped(plan.seccompProfile());
        }
        try {
            return SeccompProfile.of(custom);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("customSeccompProfiles[" + custom.name() + "]." + e.getMessage(), e);
        }
    }

    private LaunchRequest request(
            Sandbox sandbox, boolean compile, StepLimits limits, @Nullable Path built, SeccompProfile filter)
            throws IOException {
        try {
            byte[] program = SeccompCompiler.compile(filter, Arch.current());
            boolean sockets = filter.decide("socket", AF_INET, SOCK_STREAM, 0).equals(Action.ALLOW);
            LaunchRequest request = sandbox.request(compile, limits, built, program, sockets);
            collect(request, compile, sandbox, limits);
            request.checkLength();
            return request;
        } catch (IllegalArgumentException e) {
            throw new PlanFault(e);
        }
    }

    private SandboxResult steps(Path directory, Map<String, byte[]> files) throws IOException, InterruptedException {
        CompletableFuture<List<Control>> podControls = CompletableFuture.supplyAsync(
                options.podIsolation()::probe,
                task -> Thread.ofPlatform().daemon().name("pod-probes").start(task));
        Path podWork = Files.createDirectory(directory.resolve("work"));
        if (Root.isRoot()) {
            Files.setPosixFilePermissions(podWork, PosixFilePermissions.fromString("rwxrwxrwx"));
        }
        Sandbox sandbox = new Sandbox(plan, options, files, podWork);
        SeccompProfile profile = profile();
        Path built = null;
        if (!plan.program().compile().isEmpty()) {
            Step.Outcome compiled = step(true, sandbox, profile, directory, podControls, null);
            SandboxResult ended = compileEnded(compiled);
            if (ended != null) {
                return ended;
            }
            built = artefact(compiled, sandbox, directory);
            if (built == null) {
                return compileError(compiled, "the compile step built nothing");
            }
        }
        return result(step(false, sandbox, profile, directory, podControls, built), sandbox);
    }

    private Step.Outcome step(
            boolean compile,
            Sandbox sandbox,
            SeccompProfile profile,
            Path directory,
            CompletableFuture<List<Control>> podControls,
            @Nullable Path built)
            throws IOException, InterruptedException {
        StepLimits limits = compile ? StepLimits.compile(plan.limits()) : StepLimits.run(plan.limits());
        stdout = new TailBuffer(TAIL_CHARACTERS);
        stderr = new TailBuffer(TAIL_CHARACTERS);
        boolean podLevel = plan.isolation() == IsolationLevel.Pod;
        Listener heard = new Listener() {
            @Override
            public void started() {
                started = Instant.now();
                listener.started();
            }

            @Override
            public void sample(dev.gabion.api.v1alpha1.UsageSample sample) {
                listener.sample(sample);
            }

            @Override
            public void violation(Violation violation) {
                listener.violation(violation);
            }
        };
        HeldOutput held = new HeldOutput();
        Step step = new Step(
                compile,
                limits,
                probed -> mayStart(compile, probed, podControls),
                (launcherPid, initPid, guestPid) -> meter(launcherPid, initPid, guestPid, sandbox, limits),
                (stream, bytes, offset, length) -> {
                    (stream == GuestStream.STDOUT ? stdout : stderr).append(bytes, offset, length);
                    if (compile) {
                        held.add(stream, bytes, offset, length);
                    } else {
                        listener.output(stream, bytes, offset, length);
                    }
                },
                heard,
                cancelled,
                options.learn());
        current = step;
        try (@Nullable CpuQuota quota = quota();
                Launcher launcher = Launcher.start(options.launcher(), directory, EngineOptions.LAUNCHER_TIMEOUT)) {
            if (quota != null) {
                quota.take(launcher.pid()); // before it starts the guest
            }
            SeccompProfile filter = podLevel ? profile.with(protect(launcher.pid())) : profile;
            LaunchRequest request = request(sandbox, compile, limits, built, filter);
            String stdin = compile ? null : plan.stdin();
            byte[] input = stdin == null ? new byte[0] : stdin.getBytes(StandardCharsets.UTF_8);
            Step.Outcome outcome = step.run(launcher, request, input);
            if (compile
                    && (outcome.facts() == null
                            || outcome.facts().endedBadly()
                            || outcome.facts().stop() != Stop.NONE)) {
                held.replay(listener);
            }
            return outcome;
        } finally {
            current = null;
        }
    }

    /** On one machine the job's CPU rate is kept by a cgroup of its own, where one can be made; in a pod by the pod's. */
    private @Nullable CpuQuota quota() {
        if (options.inPod()) {
            return null;
        }
        try {
            CpuQuota made = CpuQuota.create(plan.limits().cpuMillicores());
            rate = "CPU " + plan.limits().cpuMillicores() + "m by " + made.describe();
            return made;
        } catch (IOException e) {
            rate = "CPU rate not kept";
            return null;
        }
    }

    /** With the CPU rate, which is of the limits and not the launcher's to probe. */
    private Control withRate(Control control) {
        return rate == null || control.name() != ControlName.ResourceLimits
                ? control
                : new Control(control.name(), control.state(), control.evidence() + "; " + rate);
    }

    /** What a compile step wrote, kept back: only a failed one's output is the job's. Bounded by its output limit. */
    private static final class HeldOutput {
        @SuppressWarnings("ArrayRecordComponent")
        private record Piece(GuestStream stream, byte[] bytes) {}

        private final List<Piece> pieces = new ArrayList<>();

        synchronized void add(GuestStream stream, byte[] bytes, int offset, int length) {
            pieces.add(new Piece(stream, java.util.Arrays.copyOfRange(bytes, offset, offset + length)));
        }

        synchronized void replay(Listener listener) {
            for (Piece piece : pieces) {
                listener.output(piece.stream, piece.bytes, 0, piece.bytes.length);
            }
        }
    }

    private boolean mayStart(boolean compile, List<Control> probed, CompletableFuture<List<Control>> podControls) {
        List<Control> all = merge(probed, podControls.join());
        if (options.inPod()) {
            all.add(new Control(
                    ControlName.CgroupMemory,
                    cgroup == null ? ControlState.Absent : ControlState.Present,
                    cgroup == null ? "no readable cgroup of its own" : cgroup.describe()));
        } else {
            all.add(new Control(ControlName.CgroupMemory, ControlState.Absent, "watched by the runner"));
        }
        controls = all.stream().map(this::withRate).toList();
        missing = Requirements.missing(plan, options.inPod(), Root.isGvisor(PROC), controls);
        if (options.learn()) {
            missing = missing.stream()
                    .filter(control -> control.name() != ControlName.Seccomp)
                    .toList();
        }
        if (!compile || !missing.isEmpty()) {
            listener.controls(controls);
        }
        return missing.isEmpty() && !cancelled.get();
    }

    /** The pod's answer to a control counts beside the guest's: the worse of the two. */
    private static List<Control> merge(List<Control> guest, List<Control> pod) {
        Map<ControlName, Control> merged = new TreeMap<>();
        guest.forEach(control -> merged.put(control.name(), control));
        for (Control control : pod) {
            Control before = merged.get(control.name());
            boolean worse = before == null
                    || before.state() == ControlState.NotApplicable
                    || (before.state() == ControlState.Present && control.state() != ControlState.Present);
            if (worse) {
                merged.put(control.name(), control);
            }
        }
        return new ArrayList<>(merged.values());
    }

    private Meter meter(long launcherPid, long initPid, long guestPid, Sandbox sandbox, StepLimits limits) {
        TreeMeter tree = new TreeMeter(PROC, initPid, sandbox.fill(guestPid, limits), limits.memoryBytes());
        return cgroup == null
                ? tree
                : new CgroupMeter(cgroup, tree, PROC, ProcessHandle.current().pid(), launcherPid);
    }

    /** At level Pod the guest shares a pid namespace and a uid with the runner: no signal may reach that. */
    private static List<Rule> protect(long launcherPid) {
        List<Rule> rules = new ArrayList<>();
        for (long pid : new long[] {ProcessHandle.current().pid(), launcherPid}) {
            for (int id : new int[] {(int) pid, (int) -pid}) {
                rules.add(new Rule(
                        List.of("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_open"),
                        Action.VIOLATION,
                        List.of(ArgTest.int32(0, id))));
            }
        }
        rules.add(new Rule(List.of("kill"), Action.VIOLATION, List.of(ArgTest.int32(0, -1))));
        return rules;
    }

    private void collect(LaunchRequest request, boolean compile, Sandbox sandbox, StepLimits limits) {
        String work = sandbox.workDirectory();
        if (compile) {
            request.collect(sandbox.compilerOutput());
            request.collectLimits(limits.fileSizeBytes(), 1);
            return;
        }
        for (String pattern : plan.outputs()) {
            request.collect(work + "/" + checkedPattern(pattern));
        }
        // What is left in the work directory tells whether the guest met its limits of file size and scratch space.
        for (int level = 1; level <= LEVELS_LOOKED_AT; level++) {
            request.collectSize(work + "/*".repeat(level));
        }
        request.collectLimits(options.maxKeptBytes(), 1_000);
    }

    private static String checkedPattern(String pattern) {
        String plain = pattern.startsWith("./") ? pattern.substring(2) : pattern;
        boolean climbs = List.of(plain.split("/", -1)).contains("..");
        if (plain.isEmpty() || plain.startsWith("/") || climbs) {
            throw new IllegalArgumentException(
                    "outputs: \"" + pattern + "\" is not a path or glob below the work directory");
        }
        return plain;
    }

    private @Nullable Path artefact(Step.Outcome compiled, Sandbox sandbox, Path directory) throws IOException {
        if (plan.isolation() == IsolationLevel.Pod) {
            Path file = Path.of(sandbox.compilerOutput());
            return Files.isRegularFile(file, java.nio.file.LinkOption.NOFOLLOW_LINKS) ? file : null;
        }
        for (Step.Collected file : compiled.files()) {
            if (file.content() != null && file.path().equals(sandbox.compilerOutput())) {
                Path built = directory.resolve("program");
                Files.write(built, file.content());
                Files.setPosixFilePermissions(built, PosixFilePermissions.fromString("r-xr-xr-x"));
                return built;
            }
        }
        return null;
    }

    /** The result when the compile step ended the job; null: it built something, go on. */
    private @Nullable SandboxResult compileEnded(Step.Outcome compiled) {
        Facts facts = compiled.facts();
        if (facts == null) {
            return broken(compiled);
        }
        Verdicts.Decision decision = Verdicts.decide(facts);
        return decision.verdict() == Verdict.OK ? null : ended(compiled, facts, decision, Kept.NOTHING);
    }

    private SandboxResult compileError(Step.Outcome compiled, String message) {
        Facts facts = compiled.facts();
        if (facts == null) {
            return broken(compiled);
        }
        return ended(
                compiled,
                facts,
                new Verdicts.Decision(Verdict.CompileError, List.of(Reason.of("CompileFailed", message)), List.of()),
                Kept.NOTHING);
    }

    private SandboxResult result(Step.Outcome run, Sandbox sandbox) {
        Facts facts = run.facts();
        return facts == null
                ? broken(run)
                : ended(run, facts, Verdicts.decide(facts), keep(run.files(), sandbox.workDirectory()));
    }

    /**
     * The files the job asked for.
     *
     * @param message what the files do not say; null: nothing
     */
    private record Kept(List<OutputFile> files, @Nullable String message) {
        static final Kept NOTHING = new Kept(List.of(), null);
    }

    /** Announces what is kept and some of what is not; of the rest how many there are. */
    private Kept keep(List<Step.Collected> files, String work) {
        Map<String, Glob> wanted = new LinkedHashMap<>();
        plan.outputs().forEach(pattern -> wanted.put(pattern, new Glob(checkedPattern(pattern))));
        Set<String> unmatched = new LinkedHashSet<>(wanted.keySet());
        Set<String> seen = new HashSet<>();
        List<OutputFile> announced = new ArrayList<>();
        int stored = 0;
        int unnameable = 0;
        int unsaid = 0;
        for (Step.Collected file : files) {
            if (!file.path().startsWith(work + "/")) {
                continue;
            }
            String relative = file.path().substring(work.length() + 1);
            List<String> matching = wanted.entrySet().stream()
                    .filter(pattern -> pattern.getValue().matches(relative))
                    .map(Map.Entry::getKey)
                    .toList();
            if (matching.isEmpty() || !seen.add(relative)) {
                continue;
            }
            matching.forEach(unmatched::remove);
            String path = FileNames.escape(relative);
            if (path.length() > LONGEST_PATH) {
                unnameable++;
                continue;
            }
            String message = notKept(file, stored);
            byte[] content = file.content();
            if (content != null && message == null) {
                OutputFile entry = new OutputFile(path, file.size(), sha256(content), true, null, null);
                announced.add(entry);
                stored++;
                listener.file(entry, content);
            } else if (announced.size() - stored < MOST_NOT_KEPT) {
                announced.add(new OutputFile(path, file.size(), null, false, null, message));
            } else {
                unsaid++;
            }
        }
        List<String> rest = new ArrayList<>();
        if (unnameable > 0) {
            rest.add(unnameable + " files are not kept: their paths have more than " + LONGEST_PATH + " characters");
        }
        if (unsaid > 0) {
            rest.add(unsaid + " more files are not kept");
        }
        if (!unmatched.isEmpty()) {
            rest.add("no file is of outputs " + String.join(", ", unmatched));
        }
        String message = TerminalText.escape(String.join("; ", rest).getBytes(StandardCharsets.UTF_8));
        return new Kept(announced, message.isEmpty() ? null : message);
    }

    private @Nullable String notKept(Step.Collected file, int stored) {
        return switch (file.status()) {
            case OK -> stored >= options.maxKeptFiles() ? "more than " + options.maxKeptFiles() + " files" : null;
            case TOO_LARGE -> "the kept files together may have " + options.maxKeptBytes() + " bytes";
            case NOT_REGULAR -> "not a regular file";
            case TOO_MANY -> "too many files";
            case UNREADABLE -> "unreadable";
            case SIZE_ONLY -> "not collected";
        };
    }

    private SandboxResult ended(Step.Outcome outcome, Facts facts, Verdicts.Decision decision, Kept kept) {
        boolean byItself = facts.stop() == Stop.NONE && facts.violation() == null;
        Usage usage = Usage.builder()
                .cpuTimeMilliseconds(facts.cpuMilliseconds())
                .cpuTimeLowerBound(facts.cpuLowerBound() ? true : null)
                .wallTimeMilliseconds(facts.wallMilliseconds())
                .peakMemoryBytes(facts.peakMemoryBytes())
                .peakProcesses(facts.peakProcesses())
                .readBytes(outcome.peak().readBytes())
                .writtenBytes(outcome.peak().writtenBytes())
                .series(outcome.series())
                .build();
        return new SandboxResult(
                plan.uid(),
                plan.attempt(),
                decision.verdict(),
                decision.reasons(),
                byItself && !facts.signalled() ? facts.code() : null,
                byItself && facts.signalled() ? Signals.name(facts.code()) : null,
                decision.limitsHit(),
                usage,
                controls,
                new Output(stream(stdout, facts.outputCut()), stream(stderr, facts.outputCut()), null, kept.message()),
                kept.files(),
                started == null ? null : time(started),
                time(Instant.now()),
                null);
    }

    private SandboxResult broken(Step.Outcome outcome) {
        if (outcome.refused() && missing.isEmpty()) {
            return nothingRan(
                    Verdict.Cancelled, List.of(Reason.of("Cancelled", "the job was cancelled before it ran")));
        }
        if (outcome.refused()) {
            List<Reason> reasons = new ArrayList<>();
            for (Control control : missing) {
                reasons.add(new Reason(
                        "ControlAbsent",
                        "the control " + control.name() + " is required and was found " + control.state()
                                + "; the guest was not run",
                        null,
                        null,
                        control.evidence()));
            }
            return nothingRan(Verdict.InternalError, reasons);
        }
        LaunchEvent.Failure failure = outcome.failure();
        String message = failure == null
                ? "the launcher ended without a word about the guest"
                : LauncherFailures.explain(failure);
        return nothingRan(
                Verdict.InternalError,
                List.of(Reason.of(
                        failure != null && failure.stage().equals("exec") ? "ExecFailed" : "SandboxFailed", message)));
    }

    private SandboxResult internal(String code, String message) {
        return nothingRan(Verdict.InternalError, List.of(Reason.of(code, message)));
    }

    private SandboxResult nothingRan(Verdict verdict, List<Reason> reasons) {
        return new SandboxResult(
                plan.uid(),
                plan.attempt(),
                verdict,
                reasons,
                null,
                null,
                List.of(),
                null,
                controls,
                null,
                List.of(),
                started == null ? null : time(started),
                time(Instant.now()),
                null);
    }

    private static StreamOutput stream(TailBuffer tail, boolean cut) {
        String text = TerminalText.escape(tail.bytes());
        String last = text.length() <= TAIL_CHARACTERS ? text : text.substring(text.length() - TAIL_CHARACTERS);
        return new StreamOutput(last, tail.total(), cut ? true : null);
    }

    /** The program's files, the program first. */
    private Map<String, byte[]> source() throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        if (!plan.files().isEmpty()) {
            for (PlanFile file : plan.files()) {
                files.put(
                        file.name(),
                        Files.readAllBytes(options.sourceDirectory().resolve(file.file())));
            }
            return files;
        }
        Map<String, byte[]> all = new TreeMap<>();
        try (Stream<Path> entries = Files.list(options.sourceDirectory())) {
            for (Path entry : entries.sorted(Comparator.naturalOrder()).toList()) {
                String name = entry.getFileName().toString();
                if (!name.startsWith("..") && Files.isRegularFile(entry)) {
                    all.put(name, Files.readAllBytes(entry));
                }
            }
        }
        String program = plan.program().fileName();
        byte[] content = all.remove(program);
        if (content == null) {
            throw new IllegalArgumentException("the source has no file " + program + "; it has "
                    + (all.isEmpty() ? "none" : String.join(", ", all.keySet())));
        }
        files.put(program, content);
        files.putAll(all);
        return files;
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Links inside are removed, never followed. */
    private static void remove(@Nullable Path directory) {
        if (directory == null) {
            return;
        }
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | java.io.UncheckedIOException e) {
            // Only the pod's scratch volume or the temporary folder keeps it a little longer.
        }
    }
}
