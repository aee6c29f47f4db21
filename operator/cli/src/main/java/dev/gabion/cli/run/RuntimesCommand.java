// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.gabion.api.v1alpha1.Limits;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.api.v1alpha1.SandboxRuntimeSpec;
import dev.gabion.cli.ExitCode;
import dev.gabion.cli.cluster.ClusterOptions;
import dev.gabion.cli.terminal.Table;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the runtimes. */
@Command(
        name = "runtimes",
        description = "List the runtimes: those of this machine, or with --cluster those of the cluster.")
public final class RuntimesCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--cluster", description = "List the SandboxRuntimes of the cluster.")
    private boolean cluster;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}. Default: text.")
    private Documents.Format format = Documents.Format.text;

    @ArgGroup(exclusive = false, validate = false, heading = "%nCluster:%n")
    private ClusterOptions access = new ClusterOptions();

    @Override
    public Integer call() {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        List<SandboxRuntime> runtimes = cluster
                ? access.call(
                        client -> client.resources(SandboxRuntime.class).list().getItems())
                : HostRuntimes.all();
        if (format != Documents.Format.text) {
            ArrayNode items = Documents.json().createArrayNode();
            runtimes.forEach(runtime -> items.add(Documents.json().valueToTree(runtime)));
            out.print(Documents.render(items, format));
        } else {
            table(runtimes).lines().forEach(out::println);
        }
        out.flush();
        return ExitCode.OK;
    }

    private Table table(List<SandboxRuntime> runtimes) {
        Table table = new Table()
                .column("NAME", Table.Side.LEFT)
                .column("PROGRAM", Table.Side.LEFT)
                .column("CPU TIME", Table.Side.RIGHT)
                .column("WALL TIME", Table.Side.RIGHT)
                .column("MEMORY", Table.Side.RIGHT)
                .column("PROFILES", Table.Side.LEFT)
                .column(cluster ? "IMAGE" : "HERE", Table.Side.LEFT);
        for (SandboxRuntime runtime : runtimes) {
            String name = runtime.getMetadata().getName();
            SandboxRuntimeSpec spec = runtime.getSpec();
            Limits defaults = spec.defaults() == null ? Limits.NONE : spec.defaults();
            table.row(List.of(
                    name,
                    spec.fileName(),
                    time(defaults.cpuTimeMilliseconds()),
                    time(defaults.wallTimeMilliseconds()),
                    defaults.memory() == null ? "-" : defaults.memory().toString(),
                    String.join(",", spec.seccompProfilesOrDefault()),
                    cluster ? spec.image() : here(name, spec)));
        }
        return table;
    }

    private static String here(String name, SandboxRuntimeSpec runtime) {
        return HostRuntimes.missing(name, runtime).isEmpty() ? "yes" : "no: " + HostRuntimes.install(name);
    }

    private static String time(@Nullable Long milliseconds) {
        return milliseconds == null ? "-" : dev.gabion.cli.value.Values.humanMilliseconds(milliseconds);
    }
}
