// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.cluster;

import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.Output;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.StreamOutput;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.cli.terminal.Table;
import dev.gabion.cli.value.Values;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A job of a cluster as a person sees it. Pure. */
final class JobView {
    private static final int FIRST_LINE = 40;

    /** The table of these jobs, with a column for the namespace or without. */
    static Table table(List<SandboxJob> jobs, boolean namespaces) {
        Table table = new Table();
        if (namespaces) {
            table.column("NAMESPACE", Table.Side.LEFT);
        }
        table.column("NAME", Table.Side.LEFT)
                .column("RUNTIME", Table.Side.LEFT)
                .column("VERDICT", Table.Side.LEFT)
                .column("EXIT", Table.Side.RIGHT)
                .column("CPU", Table.Side.RIGHT)
                .column("WALL", Table.Side.RIGHT)
                .column("MEMORY", Table.Side.RIGHT)
                .column("OUTPUT", Table.Side.LEFT);
        for (SandboxJob job : jobs) {
            SandboxJobStatus status = status(job);
            Usage usage = status.usage();
            List<String> row = new ArrayList<>();
            if (namespaces) {
                row.add(job.getMetadata().getNamespace());
            }
            row.add(job.getMetadata().getName());
            row.add(job.getSpec() == null ? "-" : job.getSpec().runtime());
            row.add(state(status));
            row.add(ending(status));
            row.add(time(usage == null ? null : usage.cpuTimeMilliseconds()));
            row.add(time(usage == null ? null : usage.wallTimeMilliseconds()));
            row.add(
                    usage == null || usage.peakMemoryBytes() == null
                            ? "-"
                            : Values.humanBytes(usage.peakMemoryBytes()));
            row.add(firstLine(status.output()));
            table.row(row);
        }
        return table;
    }

    /** The verdict, or what the job is at until it has one. */
    static String state(SandboxJobStatus status) {
        if (status.verdict() != null) {
            return status.verdict().name();
        }
        if (status.phase() == null) {
            return "-";
        }
        return status.queuePosition() == null ? status.phase() : status.phase() + " (" + status.queuePosition() + ")";
    }

    private static String ending(SandboxJobStatus status) {
        if (status.exitCode() != null) {
            return Integer.toString(status.exitCode());
        }
        return status.signal() == null ? "-" : status.signal();
    }

    private static String time(@Nullable Long milliseconds) {
        return milliseconds == null ? "-" : Values.humanMilliseconds(milliseconds);
    }

    /** The first line of what was kept of the output, else of the errors. */
    static String firstLine(@Nullable Output output) {
        String text = output == null ? "" : tail(output.stdout());
        if (text.isBlank() && output != null) {
            text = tail(output.stderr());
        }
        String line = text.lines()
                .filter(l -> !l.isBlank())
                .findFirst()
                .orElse("-")
                .strip()
                .replace('\t', ' ');
        return line.codePointCount(0, line.length()) <= FIRST_LINE
                ? line
                : line.substring(0, line.offsetByCodePoints(0, FIRST_LINE - 1)) + "…";
    }

    private static String tail(@Nullable StreamOutput stream) {
        return stream == null || stream.tail() == null ? "" : stream.tail();
    }

    /** The status, empty where the operator has not been there yet. */
    static SandboxJobStatus status(SandboxJob job) {
        return job.getStatus() == null ? SandboxJobStatus.EMPTY : job.getStatus();
    }

    /** Whether there is a verdict, or never will be. */
    static boolean ended(SandboxJob job) {
        return status(job).conditions().stream()
                .anyMatch(condition -> (condition.getType().equals(ConditionTypes.COMPLETE)
                                || condition.getType().equals(ConditionTypes.FAILED))
                        && "True".equals(condition.getStatus()));
    }

    private JobView() {}
}
