// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import dev.gabion.api.v1alpha1.LimitHit;
import dev.gabion.api.v1alpha1.Reason;
import dev.gabion.api.v1alpha1.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides how a step ended. Pure.
 *
 * <p>What ended the guest decides: a violation, then the clock or cap for which the engine killed it. A guest that ended
 * by itself but badly (a signal, or an exit code other than 0) gets the verdict of a limit it had met; one that ended well
 * is {@code OK}, and the limits it met are told beside the verdict.
 */
final class Verdicts {
    /** A work directory with less than this left is full. */
    private static final long PAGE_BYTES = 4096;

    /** A verdict, why, and the limits met. The first reason is the nearest cause. */
    record Decision(Verdict verdict, List<Reason> reasons, List<LimitHit> limitsHit) {}

    static Decision decide(Facts facts) {
        List<LimitHit> hits = limitsMet(facts);
        Decision run = ofTheStep(facts, hits);
        if (!facts.compile()
                || run.verdict() == Verdict.OK
                || run.verdict() == Verdict.Cancelled
                || run.verdict() == Verdict.SecurityViolation) {
            return run;
        }
        List<Reason> reasons = new ArrayList<>();
        reasons.add(Reason.of("CompileFailed", "the compile step failed; the output is the compiler's"));
        reasons.addAll(run.reasons());
        return new Decision(Verdict.CompileError, reasons, hits);
    }

    private static Decision ofTheStep(Facts facts, List<LimitHit> hits) {
        StepLimits limits = facts.limits();
        if (facts.violation() != null) {
            return decision(
                    Verdict.SecurityViolation,
                    new Reason(
                            "SystemCallDenied",
                            "the guest called " + facts.violation() + ", which its profile does not allow",
                            null,
                            null,
                            facts.violation()),
                    hits);
        }
        switch (facts.stop()) {
            case CANCELLED -> {
                return decision(Verdict.Cancelled, Reason.of("Cancelled", "the job was cancelled"), hits);
            }
            case OUTPUT -> {
                return decision(
                        Verdict.OutputExceeded,
                        limit(
                                "OutputLimit",
                                "the guest wrote more than it may; the output is cut at the limit's byte",
                                limits.prefix() + "outputBytes",
                                limits.outputBytes() + " bytes",
                                "more than " + limits.outputBytes() + " bytes"),
                        hits);
            }
            case MEMORY -> {
                return memory(facts, hits);
            }
            case SCRATCH -> {
                return decision(
                        Verdict.FileSizeExceeded,
                        limit(
                                "ScratchLimit",
                                "the work directory held more than it may, in bytes or in files",
                                "scratchSize",
                                limits.scratchSizeBytes() + " bytes in " + limits.scratchFiles() + " files",
                                facts.peakScratchBytes() + " bytes seen"),
                        hits);
            }
            case CPU_TIME -> {
                return cpu(facts, hits);
            }
            case WALL_TIME -> {
                return decision(
                        Verdict.WallTimeExceeded,
                        limit(
                                "WallTimeLimit",
                                "the guest was ended when its time on the wall ran out",
                                limits.prefix() + "wallTimeMilliseconds",
                                limits.wallTimeMilliseconds() + " ms",
                                facts.wallMilliseconds() + " ms"),
                        hits);
            }
            case NONE -> {}
        }
        if (!facts.endedBadly()) {
            return new Decision(Verdict.OK, List.of(), hits);
        }
        return endedBadly(facts, hits);
    }

    private static Decision endedBadly(Facts facts, List<LimitHit> hits) {
        StepLimits limits = facts.limits();
        if (facts.signalled() && facts.code() == Signals.SIGXCPU) {
            return cpu(facts, hits);
        }
        if (facts.oomKills() > 0 || facts.peakMemoryBytes() >= limits.memoryBytes()) {
            return memory(facts, hits);
        }
        if ((facts.signalled() && facts.code() == Signals.SIGXFSZ)
                || facts.largestFileBytes() >= limits.fileSizeBytes()) {
            return decision(
                    Verdict.FileSizeExceeded,
                    limit(
                            "FileSizeLimit",
                            "the guest met its limit of file size and then ended badly: " + end(facts),
                            limits.prefix() + "fileSize",
                            limits.fileSizeBytes() + " bytes",
                            facts.largestFileBytes() > 0 ? facts.largestFileBytes() + " bytes" : "SIGXFSZ"),
                    hits);
        }
        if (facts.peakProcesses() >= limits.processes()) {
            return decision(
                    Verdict.ProcessLimitExceeded,
                    limit(
                            "ProcessLimit",
                            "the guest met its limit of processes and then ended badly: " + end(facts),
                            limits.prefix() + "processes",
                            Integer.toString(limits.processes()),
                            Integer.toString(facts.peakProcesses())),
                    hits);
        }
        if (facts.signalled()) {
            return decision(
                    Verdict.Signalled,
                    Reason.of("Signal", "the guest was ended by " + Signals.name(facts.code())),
                    hits);
        }
        return decision(Verdict.NonZeroExit, Reason.of("ExitCode", "the guest exited with code " + facts.code()), hits);
    }

    private static Decision memory(Facts facts, List<LimitHit> hits) {
        StepLimits limits = facts.limits();
        return decision(
                Verdict.MemoryExceeded,
                limit(
                        "MemoryLimit",
                        facts.oomKills() > 0
                                ? "the kernel ended a process of the guest at its memory limit"
                                : "the guest met its memory limit",
                        limits.prefix() + "memory",
                        limits.memoryBytes() + " bytes",
                        facts.peakMemoryBytes() + " bytes"),
                hits);
    }

    private static Decision cpu(Facts facts, List<LimitHit> hits) {
        StepLimits limits = facts.limits();
        return decision(
                Verdict.CpuTimeExceeded,
                limit(
                        "CpuTimeLimit",
                        "the CPU time of the guest and its children ran out",
                        limits.prefix() + "cpuTimeMilliseconds",
                        limits.cpuTimeMilliseconds() + " ms",
                        (facts.cpuLowerBound() ? "at least " : "") + facts.cpuMilliseconds() + " ms"),
                hits);
    }

    private static List<LimitHit> limitsMet(Facts facts) {
        StepLimits limits = facts.limits();
        List<LimitHit> hits = new ArrayList<>();
        if (facts.stop() == Stop.CPU_TIME || facts.cpuMilliseconds() >= limits.cpuTimeMilliseconds()) {
            hits.add(hit(
                    limits,
                    "cpuTimeMilliseconds",
                    limits.cpuTimeMilliseconds() + " ms",
                    facts.cpuMilliseconds() + " ms"));
        }
        if (facts.stop() == Stop.WALL_TIME) {
            hits.add(hit(
                    limits,
                    "wallTimeMilliseconds",
                    limits.wallTimeMilliseconds() + " ms",
                    facts.wallMilliseconds() + " ms"));
        }
        if (facts.stop() == Stop.MEMORY || facts.oomKills() > 0 || facts.peakMemoryBytes() >= limits.memoryBytes()) {
            hits.add(hit(limits, "memory", limits.memoryBytes() + " bytes", facts.peakMemoryBytes() + " bytes"));
        }
        if (facts.outputCut()) {
            hits.add(hit(
                    limits,
                    "outputBytes",
                    limits.outputBytes() + " bytes",
                    "more than " + limits.outputBytes() + " bytes"));
        }
        if (facts.peakProcesses() >= limits.processes()) {
            hits.add(hit(
                    limits,
                    "processes",
                    Integer.toString(limits.processes()),
                    Integer.toString(facts.peakProcesses())));
        }
        if (facts.peakOpenFiles() >= limits.openFiles()) {
            hits.add(hit(
                    limits,
                    "openFiles",
                    Integer.toString(limits.openFiles()),
                    Integer.toString(facts.peakOpenFiles())));
        }
        if ((facts.signalled() && facts.code() == Signals.SIGXFSZ)
                || facts.largestFileBytes() >= limits.fileSizeBytes()) {
            hits.add(hit(limits, "fileSize", limits.fileSizeBytes() + " bytes", null));
        }
        if (facts.stop() == Stop.SCRATCH || facts.peakScratchBytes() > limits.scratchSizeBytes() - PAGE_BYTES) {
            hits.add(hit(
                    limits, "scratchSize", limits.scratchSizeBytes() + " bytes", facts.peakScratchBytes() + " bytes"));
        }
        return List.copyOf(hits);
    }

    private static LimitHit hit(
            StepLimits limits, String field, String allowed, @org.jspecify.annotations.Nullable String observed) {
        // Scratch space has no limit of its own for the compile step.
        String prefix = field.equals("scratchSize") ? "" : limits.prefix();
        return new LimitHit(prefix + field, allowed, observed, null);
    }

    private static String end(Facts facts) {
        return facts.signalled() ? Signals.name(facts.code()) : "exit code " + facts.code();
    }

    private static Decision decision(Verdict verdict, Reason reason, List<LimitHit> hits) {
        return new Decision(verdict, List.of(reason), hits);
    }

    private static Reason limit(String code, String message, String limit, String allowed, String observed) {
        return new Reason(code, message, limit, allowed, observed);
    }

    private Verdicts() {}
}
