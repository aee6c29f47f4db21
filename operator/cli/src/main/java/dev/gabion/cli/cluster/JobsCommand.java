// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.cluster;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.cli.ExitCode;
import dev.gabion.cli.run.Documents;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists jobs with their verdicts. */
@Command(name = "jobs", description = "List the jobs of a namespace: verdict, exit code, usage, first line of output.")
public final class JobsCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "JOB", arity = "0..*", description = "Only these.")
    private List<String> names = List.of();

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "The jobs of all namespaces.")
    private boolean allNamespaces;

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "SELECTOR",
            description = "Only jobs with these labels, as kubectl takes them.")
    private @Nullable String selector;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}. Default: text.")
    private Documents.Format format = Documents.Format.text;

    @ArgGroup(exclusive = false, validate = false, heading = "%nCluster:%n")
    private ClusterOptions access = new ClusterOptions();

    @Override
    public Integer call() {
        CommandLine command = Objects.requireNonNull(spec).commandLine();
        PrintWriter out = command.getOut();
        PrintWriter err = command.getErr();
        List<SandboxJob> jobs = access.call(client -> {
            var resources = client.resources(SandboxJob.class);
            var scope = allNamespaces ? resources.inAnyNamespace() : resources.inNamespace(client.getNamespace());
            var found = selector == null
                    ? scope.list()
                    : scope.withLabelSelector(selector).list();
            return new ArrayList<>(found.getItems());
        });
        if (!names.isEmpty()) {
            jobs.removeIf(job -> !names.contains(job.getMetadata().getName()));
        }
        jobs.sort(Comparator.comparing((SandboxJob job) -> job.getMetadata().getNamespace())
                .thenComparing(job -> job.getMetadata().getCreationTimestamp())
                .thenComparing(job -> job.getMetadata().getName()));
        if (format != Documents.Format.text) {
            ArrayNode items = Documents.json().createArrayNode();
            jobs.forEach(job -> items.add(Documents.json().valueToTree(job)));
            out.print(Documents.render(items, format));
        } else if (jobs.isEmpty()) {
            err.println("gabion: no jobs there");
        } else {
            JobView.table(jobs, allNamespaces).lines().forEach(out::println);
            jobs.stream()
                    .filter(job -> JobView.status(job).usage() != null)
                    .findFirst()
                    .ifPresent(job -> err.println(
                            "Charts: gabion chart " + job.getMetadata().getName() + " --chart usage.png"));
        }
        out.flush();
        err.flush();
        return ExitCode.OK;
    }
}
