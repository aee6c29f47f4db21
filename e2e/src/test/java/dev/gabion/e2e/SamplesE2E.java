// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.e2e.harness.JobYaml;
import dev.gabion.e2e.harness.Jobs;
import dev.gabion.e2e.harness.OnCluster;
import dev.gabion.e2e.harness.Scenario;
import dev.gabion.e2e.harness.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples a newcomer applies, and the runtimes that come with the chart. */
@Order(5)
@OnCluster
class SamplesE2E {
    private static final Pattern NAME =
            Pattern.compile("^kind: SandboxJob\\nmetadata:\\n  name: (\\S+)$", Pattern.MULTILINE);
    private static final Pattern PROMISE = Pattern.compile("gabion\\.dev/expected-verdict: ([A-Za-z]+)");

    /** A program per shipped runtime that uses what the runtime is there for, and the line it must print. */
    private static final Map<String, String> PROGRAMS =
            new TreeMap<>(Map.of("python", """
            import json, math
            print(json.dumps({"pi": round(math.pi, 2)}))
            """, "python-scientific", """
            import io
            import matplotlib
            matplotlib.use("Agg")
            import matplotlib.pyplot as plot
            import numpy, pandas
            table = pandas.DataFrame({"x": numpy.arange(10)})
            figure, axes = plot.subplots()
            axes.plot(table.x, table.x ** 2)
            picture = io.BytesIO()
            figure.savefig(picture, format="png")
            print("mean", table.x.mean(), "picture", picture.getvalue()[1:4].decode())
            """, "node", """
            const squares = [1, 2, 3].map(x => x * x);
            console.log(`squares ${squares}`);
            """, "bash", """
            total=0
            for i in {1..10}; do total=$((total + i)); done
            echo "total $total"
            """, "c", """
            #include <stdio.h>
            int main(void) { printf("compiled %d\\n", 6 * 7); return 0; }
            """));

    private static final Map<String, String> PRINTED = Map.of(
            "python",
            "{\"pi\": 3.14}",
            "python-scientific",
            "mean 4.5 picture PNG",
            "node",
            "squares 1,4,9",
            "bash",
            "total 55",
            "c",
            "compiled 42");

    private final TestCluster cluster;
    private final Jobs jobs;

    SamplesE2E(TestCluster cluster, Jobs jobs) {
        this.cluster = cluster;
        this.jobs = jobs;
    }

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(TestCluster.source("docs", "examples"))) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .map(Path::getFileName)
                    .sorted()
                    .toList();
        }
    }

    @BeforeAll
    void applyAll() {
        cluster.kubectl(
                "apply",
                "-n",
                jobs.namespace(),
                "-f",
                TestCluster.source("docs", "examples").toString());
        PROGRAMS.forEach((runtime, program) ->
                jobs.apply("runtime-" + runtime, JobYaml.program(runtime, fileName(runtime), program)));
    }

    private String fileName(String runtime) {
        return cluster.client()
                .resources(SandboxRuntime.class)
                .withName(runtime)
                .require()
                .getSpec()
                .fileName();
    }

    @Scenario(
            name = "Every example in docs/examples ends with the verdict it promises",
            steps = {"kubectl apply -f docs/examples in one go", "Wait for each job's end"},
            expected = {"The verdict is that of the annotation gabion.dev/expected-verdict"})
    @ParameterizedTest(name = "{0}")
    @MethodSource("examples")
    void exampleKeepsItsPromise(Path example) throws IOException {
        String text = Files.readString(TestCluster.source("docs", "examples").resolve(example));
        Matcher promise = PROMISE.matcher(text);
        Matcher name = NAME.matcher(text);
        assertThat(promise.find())
                .as("gabion.dev/expected-verdict in " + example)
                .isTrue();
        assertThat(name.find()).as("a SandboxJob in " + example).isTrue();

        SandboxJob job = jobs.awaitEnd(name.group(1));

        Jobs.assertVerdict(job, Verdict.valueOf(promise.group(1)));
    }

    static List<String> runtimes() {
        return List.copyOf(PROGRAMS.keySet());
    }

    @Scenario(
            name = "Each shipped runtime runs a real program of its language",
            steps = {
                "python: json and math; python-scientific: numpy, a pandas table, a matplotlib picture; node, bash; c: compiled in"
                        + " the sandbox"
            },
            expected = {"OK, and the program's line is in the output"})
    @ParameterizedTest(name = "{0}")
    @MethodSource("runtimes")
    void runtimeRunsARealProgram(String runtime) {
        SandboxJobStatus status = Jobs.assertVerdict(jobs.awaitEnd("runtime-" + runtime), Verdict.OK);

        assertThat(Jobs.stdout(status)).contains(PRINTED.get(runtime));
    }

    @Scenario(
            name = "The chart brings every runtime that has a program here, and no other",
            steps = {"List the SandboxRuntimes that the release owns"},
            expected = {"bash, c, node, python, python-scientific"})
    @Test
    void everyShippedRuntimeIsTried() {
        assertThat(cluster.client()
                        .resources(SandboxRuntime.class)
                        .withLabel("app.kubernetes.io/instance", TestCluster.RELEASE)
                        .list()
                        .getItems())
                .extracting(runtime -> runtime.getMetadata().getName())
                .containsExactlyInAnyOrderElementsOf(PROGRAMS.keySet());
    }
}
