// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.api.v1alpha1.UsageSample;
import dev.gabion.cli.ExitCode;
import dev.gabion.cli.UserError;
import dev.gabion.cli.chart.UsageChart;
import dev.gabion.cli.chart.UsageReport;
import dev.gabion.cli.run.Documents;
import dev.gabion.cli.value.ResultFile;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Draws what a job used. */
@Command(
        name = "chart",
        description = "Draw CPU and memory over time with the limits as lines: of a job of the cluster, or of a"
                + " usage.json that gabion run --usage wrote.")
public final class ChartCommand implements Callable<Integer> {
    @Parameters(paramLabel = "JOB|USAGE.json", description = "A job's name, or a file.")
    private String what = "";

    @Option(
            names = {"-o", "--chart"},
            paramLabel = "FILE.png|FILE.svg",
            description = "File to draw into. Default: the job's name with .png.")
    private @Nullable Path chart;

    @ArgGroup(exclusive = false, validate = false, heading = "%nCluster:%n")
    private ClusterOptions access = new ClusterOptions();

    @Override
    public Integer call() {
        Path file = chart == null ? Path.of(baseName(what) + ".png") : chart;
        UsageChart.checkName(file);
        ResultFile.require("--chart", file);
        UsageReport report =
                what.endsWith(".json") ? fromFile(Path.of(what)) : access.call(client -> fromCluster(client, what));
        String title = report.job() == null ? baseName(what) : report.job();
        try {
            UsageChart.write(
                    file,
                    report.verdict() == null ? title : title + " (" + report.verdict() + ")",
                    report.usage(),
                    report.limits());
        } catch (IOException e) {
            throw ResultFile.notWritten("--chart", file, e);
        }
        System.out.println(file);
        return ExitCode.OK;
    }

    private static String baseName(String what) {
        String name = String.valueOf(Path.of(what).getFileName());
        return name.endsWith(".json") ? name.substring(0, name.length() - ".json".length()) : name;
    }

    static UsageReport fromFile(Path file) {
        try {
            return parse(Files.readAllBytes(file), null)
                    .orElseThrow(() ->
                            new UserError("'" + file + "': no usage in it; give a file gabion run --usage wrote"));
        } catch (java.nio.file.NoSuchFileException e) {
            throw new UserError("'" + file + "': there is no such file");
        } catch (IOException e) {
            throw new UserError("'" + file + "': not the JSON of a usage: "
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
    }

    static UsageReport fromCluster(KubernetesClient client, String name) {
        SandboxJob job = ResultStore.job(client, name);
        SandboxJobStatus status = JobView.status(job);
        Usage usage = status.usage();
        if (usage == null) {
            throw new UserError(
                    "the job '" + name + "' has no usage yet; its state is " + JobView.state(status), ExitCode.FINDING);
        }
        String verdict = status.verdict() == null ? null : status.verdict().name();
        Usage whole = ResultStore.read(client, job, ResultStore.USAGE)
                .flatMap(json -> {
                    try {
                        return parse(json, usage);
                    } catch (IOException e) {
                        return Optional.empty();
                    }
                })
                .map(UsageReport::usage)
                .orElse(usage);
        return new UsageReport(name, verdict, whole, status.effectiveLimits());
    }

    /** Reads a report, a usage alone, or samples (as the result store has them), which {@code known} completes. */
    static Optional<UsageReport> parse(byte[] json, @Nullable Usage known) throws IOException {
        JsonNode root = Documents.json().readTree(json);
        if (root.has("usage") && !root.path("usage").isObject()) {
            return Optional.empty();
        }
        if (root.has("usage")) {
            return Optional.of(Documents.json().treeToValue(root, UsageReport.class));
        }
        JsonNode series = root.isArray() ? root : root.path(root.has("samples") ? "samples" : "series");
        if (!series.isArray() && !root.has("cpuTimeMilliseconds")) {
            return Optional.empty();
        }
        List<UsageSample> samples = new ArrayList<>();
        for (JsonNode sample : series) {
            samples.add(Documents.json().treeToValue(sample, UsageSample.class));
        }
        Usage totals = known == null && root.isObject() ? Documents.json().treeToValue(root, Usage.class) : known;
        Usage base = totals == null ? Usage.builder().build() : totals;
        return Optional.of(new UsageReport(null, null, base.withSeries(samples), null));
    }
}
