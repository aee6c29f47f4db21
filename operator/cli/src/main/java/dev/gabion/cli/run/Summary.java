// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.Reason;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.cli.value.Values;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a person is told at the end of a run. */
public final class Summary {
    /** The verdict and the usage on one line, then a line for each reason and each limit of what this place gives. */
    public static List<String> lines(
            Verdict verdict,
            @Nullable Integer exitCode,
            @Nullable String signal,
            @Nullable Usage usage,
            List<Reason> reasons,
            List<Control> controls) {
        List<String> facts = new ArrayList<>();
        facts.add(verdict.name());
        if (exitCode != null) {
            facts.add("exit code " + exitCode);
        }
        if (signal != null) {
            facts.add(signal.startsWith("signal ") ? signal : "signal " + signal);
        }
        if (usage != null) {
            facts.addAll(facts(usage));
        }
        List<String> lines = new ArrayList<>();
        lines.add("gabion: " + String.join(", ", facts));
        if (verdict != Verdict.OK && verdict != Verdict.NonZeroExit) {
            reasons.forEach(reason -> lines.add("gabion: " + text(reason)));
        }
        controls.stream()
                .filter(control -> control.state() == ControlState.Absent)
                // Outside a pod memory is always watched by the engine; doctor tells it.
                .filter(control -> control.name() != ControlName.CgroupMemory)
                .forEach(control -> lines.add("gabion: not given here: " + control.name()
                        + (control.evidence() == null ? "" : " (" + control.evidence() + ")")));
        return lines;
    }

    private static List<String> facts(Usage usage) {
        List<String> facts = new ArrayList<>();
        if (usage.cpuTimeMilliseconds() != null) {
            facts.add((Boolean.TRUE.equals(usage.cpuTimeLowerBound()) ? "CPU at least " : "CPU ")
                    + Values.humanMilliseconds(usage.cpuTimeMilliseconds()));
        }
        if (usage.wallTimeMilliseconds() != null) {
            facts.add("wall " + Values.humanMilliseconds(usage.wallTimeMilliseconds()));
        }
        if (usage.peakMemoryBytes() != null) {
            facts.add("memory " + Values.humanBytes(usage.peakMemoryBytes()));
        }
        if (usage.peakProcesses() != null && usage.peakProcesses() > 1) {
            facts.add(usage.peakProcesses() + " processes");
        }
        return facts;
    }

    static String text(Reason reason) {
        StringBuilder text = new StringBuilder(reason.message() == null ? reason.code() : reason.message());
        if (reason.limit() != null && reason.message() == null) {
            text.append(": ").append(reason.limit());
        }
        if (reason.allowed() != null && !text.toString().contains(reason.allowed())) {
            text.append(", allowed ").append(reason.allowed());
        }
        if (reason.observed() != null && !text.toString().contains(reason.observed())) {
            text.append(", seen ").append(reason.observed());
        }
        return text.toString();
    }

    private Summary() {}
}
