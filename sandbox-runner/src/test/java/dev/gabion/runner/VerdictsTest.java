// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.LimitHit;
import dev.gabion.api.v1alpha1.Reason;
import dev.gabion.api.v1alpha1.Verdict;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VerdictsTest {
    private static final StepLimits LIMITS = new StepLimits("", 1_000, 2_000, 1_000_000, 8, 16, 500, 4_000, 9_000);

    private static final StepLimits COMPILE_LIMITS =
            new StepLimits("compile.", 1_000, 2_000, 1_000_000, 8, 16, 500, 4_000, 9_000);

    /** Facts that differ from a clean exit in what a case names. */
    private record Case(
            Stop stop,
            @Nullable String violation,
            boolean signalled,
            int code,
            long cpu,
            long wall,
            long memory,
            int processes,
            int files,
            long scratch,
            long largest,
            long oom,
            boolean cut,
            boolean compile) {
        static Case ok() {
            return new Case(Stop.NONE, null, false, 0, 10, 20, 1000, 1, 4, 0, 0, 0, false, false);
        }

        Case stop(Stop other) {
            return new Case(
                    other, violation, signalled, code, cpu, wall, memory, processes, files, scratch, largest, oom, cut,
                    compile);
        }

        Case violation(String name) {
            return new Case(
                    stop, name, signalled, code, cpu, wall, memory, processes, files, scratch, largest, oom, cut,
                    compile);
        }

        Case exit(int number) {
            return new Case(
                    stop, violation, false, number, cpu, wall, memory, processes, files, scratch, largest, oom, cut,
                    compile);
        }

        Case signal(int number) {
            return new Case(
                    stop, violation, true, number, cpu, wall, memory, processes, files, scratch, largest, oom, cut,
                    compile);
        }

        Case cpu(long ms) {
            return new Case(
                    stop, violation, signalled, code, ms, wall, memory, processes, files, scratch, largest, oom, cut,
                    compile);
        }

        Case memory(long bytes) {
            return new Case(
                    stop, violation, signalled, code, cpu, wall, bytes, processes, files, scratch, largest, oom, cut,
                    compile);
        }

        Case processes(int number) {
            return new Case(
                    stop, violation, signalled, code, cpu, wall, memory, number, files, scratch, largest, oom, cut,
                    compile);
        }

        Case files(int number) {
            return new Case(
                    stop, violation, signalled, code, cpu, wall, memory, processes, number, scratch, largest, oom, cut,
                    compile);
        }

        Case scratch(long bytes) {
            return new Case(
                    stop, violation, signalled, code, cpu, wall, memory, processes, files, bytes, largest, oom, cut,
                    compile);
        }

        Case largest(long bytes) {
            return new Case(
                    stop, violation, signalled, code, cpu, wall, memory, processes, files, scratch, bytes, oom, cut,
                    compile);
        }

        Case oom(long number) {
            return new Case(
                    stop, violation, signalled, code, cpu, wall, memory, processes, files, scratch, largest, number,
                    cut, compile);
        }

        Case wasCut() {
            return new Case(
                    stop, violation, signalled, code, cpu, wall, memory, processes, files, scratch, largest, oom, true,
                    compile);
        }

        Case compiling() {
            return new Case(
                    stop, violation, signalled, code, cpu, wall, memory, processes, files, scratch, largest, oom, cut,
                    true);
        }

        Facts facts() {
            StepLimits limits = compile ? COMPILE_LIMITS : LIMITS;
            return new Facts(
                    compile, limits, stop, violation, signalled, code, cpu, false, wall, memory, processes, files,
                    scratch, largest, oom, 0, cut);
        }
    }

    static Stream<Arguments> table() {
        Case ok = Case.ok();
        return Stream.of(
                row("a clean exit", ok, Verdict.OK, List.of(), List.of()),
                row("another exit code", ok.exit(3), Verdict.NonZeroExit, List.of("ExitCode"), List.of()),
                row("a signal", ok.signal(11), Verdict.Signalled, List.of("Signal"), List.of()),
                row("killed by nobody we know", ok.signal(9), Verdict.Signalled, List.of("Signal"), List.of()),
                row(
                        "violation",
                        ok.violation("ptrace").signal(9),
                        Verdict.SecurityViolation,
                        List.of("SystemCallDenied"),
                        List.of()),
                row(
                        "violation beats a clock that also ran out",
                        ok.violation("bpf").stop(Stop.WALL_TIME),
                        Verdict.SecurityViolation,
                        List.of("SystemCallDenied"),
                        List.of("wallTimeMilliseconds")),
                row("cancelled", ok.stop(Stop.CANCELLED).signal(9), Verdict.Cancelled, List.of("Cancelled"), List.of()),
                row(
                        "output",
                        ok.stop(Stop.OUTPUT).signal(9).wasCut(),
                        Verdict.OutputExceeded,
                        List.of("OutputLimit"),
                        List.of("outputBytes")),
                row(
                        "output that ended by itself meanwhile",
                        ok.stop(Stop.OUTPUT).wasCut(),
                        Verdict.OutputExceeded,
                        List.of("OutputLimit"),
                        List.of("outputBytes")),
                row(
                        "the work directory watched and over",
                        ok.stop(Stop.SCRATCH).signal(9),
                        Verdict.FileSizeExceeded,
                        List.of("ScratchLimit"),
                        List.of("scratchSize")),
                row(
                        "memory by our watching",
                        ok.stop(Stop.MEMORY).signal(9).memory(1_000_001),
                        Verdict.MemoryExceeded,
                        List.of("MemoryLimit"),
                        List.of("memory")),
                row(
                        "memory by the kernel",
                        ok.signal(9).oom(1),
                        Verdict.MemoryExceeded,
                        List.of("MemoryLimit"),
                        List.of("memory")),
                row(
                        "a child was ended for memory, the guest went on well",
                        ok.oom(1),
                        Verdict.OK,
                        List.of(),
                        List.of("memory")),
                row(
                        "cpu by our clock",
                        ok.stop(Stop.CPU_TIME).signal(9).cpu(1_003),
                        Verdict.CpuTimeExceeded,
                        List.of("CpuTimeLimit"),
                        List.of("cpuTimeMilliseconds")),
                row(
                        "cpu by the kernel's",
                        ok.signal(24).cpu(1_500),
                        Verdict.CpuTimeExceeded,
                        List.of("CpuTimeLimit"),
                        List.of("cpuTimeMilliseconds")),
                row(
                        "wall",
                        ok.stop(Stop.WALL_TIME).signal(9),
                        Verdict.WallTimeExceeded,
                        List.of("WallTimeLimit"),
                        List.of("wallTimeMilliseconds")),
                row(
                        "file size by signal",
                        ok.signal(25),
                        Verdict.FileSizeExceeded,
                        List.of("FileSizeLimit"),
                        List.of("fileSize")),
                row(
                        "file size as an error, exit 1",
                        ok.exit(1).largest(4_000),
                        Verdict.FileSizeExceeded,
                        List.of("FileSizeLimit"),
                        List.of("fileSize")),
                row("file size met and survived", ok.largest(4_000), Verdict.OK, List.of(), List.of("fileSize")),
                row(
                        "processes met, then a bad end",
                        ok.exit(1).processes(8),
                        Verdict.ProcessLimitExceeded,
                        List.of("ProcessLimit"),
                        List.of("processes")),
                row("processes met and survived", ok.processes(8), Verdict.OK, List.of(), List.of("processes")),
                row("open files met and survived", ok.files(16), Verdict.OK, List.of(), List.of("openFiles")),
                row(
                        "work directory full, then a bad end",
                        ok.exit(1).scratch(9_000),
                        Verdict.NonZeroExit,
                        List.of("ExitCode"),
                        List.of("scratchSize")),
                row(
                        "memory beats processes",
                        ok.exit(1).processes(8).memory(1_000_000),
                        Verdict.MemoryExceeded,
                        List.of("MemoryLimit"),
                        List.of("memory", "processes")),
                row("a compiler that ends well", ok.compiling(), Verdict.OK, List.of(), List.of()),
                row(
                        "a compile error",
                        ok.compiling().exit(1),
                        Verdict.CompileError,
                        List.of("CompileFailed", "ExitCode"),
                        List.of()),
                row(
                        "a compiler out of time",
                        ok.compiling().stop(Stop.WALL_TIME).signal(9),
                        Verdict.CompileError,
                        List.of("CompileFailed", "WallTimeLimit"),
                        List.of("compile.wallTimeMilliseconds")),
                row(
                        "a compiler that violates",
                        ok.compiling().violation("ptrace"),
                        Verdict.SecurityViolation,
                        List.of("SystemCallDenied"),
                        List.of()),
                row(
                        "a compile step cancelled",
                        ok.compiling().stop(Stop.CANCELLED),
                        Verdict.Cancelled,
                        List.of("Cancelled"),
                        List.of()),
                row(
                        "scratch has no limit of its own while compiling",
                        ok.compiling().scratch(9_000),
                        Verdict.OK,
                        List.of(),
                        List.of("scratchSize")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("table")
    void decides(String name, Case given, Verdict verdict, List<String> codes, List<String> hits) {
        Verdicts.Decision decision = Verdicts.decide(given.facts());

        assertThat(decision.verdict()).isEqualTo(verdict);
        assertThat(decision.reasons()).extracting(Reason::code).containsExactlyElementsOf(codes);
        assertThat(decision.limitsHit()).extracting(LimitHit::limit).containsExactlyElementsOf(hits);
        assertThat(decision.reasons()).allSatisfy(reason -> {
            assertThat(reason.message()).isNotBlank().hasSizeLessThan(512);
            if (reason.limit() != null) {
                assertThat(reason.allowed()).isNotBlank();
                assertThat(reason.observed()).isNotBlank();
            }
        });
    }

    private static Arguments row(String name, Case given, Verdict verdict, List<String> codes, List<String> hits) {
        return Arguments.of(name, given, verdict, codes, hits);
    }
}
