// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.testing.LocalApiServer;
import dev.gabion.api.v1alpha1.Output;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Source;
import dev.gabion.api.v1alpha1.SourceFile;
import dev.gabion.api.v1alpha1.StreamOutput;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.api.v1alpha1.UsageSample;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.cli.ExitCode;
import dev.gabion.cli.Gabions;
import dev.gabion.cli.Gabions.Ended;
import dev.gabion.cli.run.Documents;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of a cluster, the built program against a real API server; the test plays the operator. */
class ClusterIT {
    private static final String NAMESPACE = "cli-test";
    private static final byte[] BYTES = {0x1b, '[', 'm', (byte) 0xff, '\n'};

    private static LocalApiServer server = LocalApiServer.shared();
    private static KubernetesClient client = server.adminClient();

    @TempDir
    Path folder = Path.of(""); // set by JUnit

    @BeforeAll
    static void jobs() {
        client.namespaces()
                .resource(new NamespaceBuilder()
                        .withMetadata(
                                new ObjectMetaBuilder().withName(NAMESPACE).build())
                        .build())
                .create();
        create("done", ended(Verdict.OK, 0, "first line\nsecond\n"));
        create("failed", ended(Verdict.NonZeroExit, 7, ""));
        create(
                "waiting",
                SandboxJobStatus.builder()
                        .phase("Queued")
                        .queuePosition("<= 10")
                        .build());
        create("fresh", null);
        client.configMaps()
                .inNamespace(NAMESPACE)
                .resource(new ConfigMapBuilder()
                        .withMetadata(
                                new ObjectMetaBuilder().withName("done-result").build())
                        .withData(Map.of(
                                "usage.json",
                                "{\"samples\":[{\"offsetMilliseconds\":0,\"cpuTimeMilliseconds\":0,"
                                        + "\"memoryBytes\":1048576},{\"offsetMilliseconds\":900,\"cpuTimeMilliseconds\":450,"
                                        + "\"memoryBytes\":2097152}]}"))
                        .withBinaryData(Map.of("stdout", Base64.getEncoder().encodeToString(BYTES)))
                        .build())
                .create();
    }

    @AfterAll
    static void close() {
        client.close();
    }

    private static void create(String name, @org.jspecify.annotations.Nullable SandboxJobStatus status) {
        SandboxJob job = new SandboxJob();
        job.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(NAMESPACE)
                .withLabels(Map.of("test", "cli"))
                .build());
        job.setSpec(SandboxJobSpec.builder()
                .runtime("python")
                .source(Source.inline(SourceFile.text("main.py", "print(1)\n")))
                .build());
        SandboxJob made = client.resource(job).create();
        if (status != null) {
            setStatus(made, status);
        }
    }

    private static void setStatus(SandboxJob made, SandboxJobStatus status) {
        made.setStatus(status);
        client.resource(made).updateStatus();
    }

    private static SandboxJobStatus ended(Verdict verdict, int exitCode, String output) {
        Condition complete = new ConditionBuilder()
                .withType("Complete")
                .withStatus("True")
                .withReason("GuestEnded")
                .withMessage("the guest ended")
                .withLastTransitionTime("2026-01-01T00:00:00Z")
                .build();
        return SandboxJobStatus.builder()
                .conditions(List.of(complete))
                .verdict(verdict)
                .exitCode(exitCode)
                .usage(Usage.builder()
                        .cpuTimeMilliseconds(450L)
                        .wallTimeMilliseconds(900L)
                        .peakMemoryBytes(2L << 20)
                        .series(List.of(new UsageSample(0, 0L, 1L << 20, 1, 0L, 0L)))
                        .build())
                .output(new Output(
                        new StreamOutput(output, (long) output.length(), null),
                        new StreamOutput("careful\n", 8L, null),
                        "done-result",
                        null))
                .build();
    }

    private Ended gabion(String... args) {
        return Gabions.run(folder, Map.of("KUBECONFIG", server.kubeconfig().toString()), "", args);
    }

    @Test
    void jobsAreListedWithTheirVerdicts() throws IOException {
        Ended ended = gabion("jobs", "-n", NAMESPACE, "-l", "test=cli");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.text().lines())
                .hasSize(5)
                .anySatisfy(
                        line -> assertThat(line).matches("done +python +OK +0 +450 ms +900 ms +2\\.0 MiB  first line"))
                .anySatisfy(line -> assertThat(line).matches("failed +python +NonZeroExit +7 .* careful"))
                .anySatisfy(line -> assertThat(line).matches("waiting +python +Queued \\(<= 10\\) +- .*"))
                .anySatisfy(line -> assertThat(line).matches("fresh +python +- .*"));
        assertThat(Documents.json()
                        .readTree(gabion("jobs", "-A", "-o", "json", "done").out())
                        .path(0)
                        .path("status")
                        .path("verdict")
                        .asText())
                .isEqualTo("OK");
    }

    @Test
    void logsShowWhatWasKept() {
        Ended text = gabion("logs", "-n", NAMESPACE, "done");
        assertThat(text.text()).startsWith("first").endsWith("second\n");
        assertThat(text.err()).isEqualTo("careful\n");
        assertThat(gabion("logs", "-n", NAMESPACE, "--raw", "done").out()).isEqualTo(BYTES);
        Ended none = gabion("logs", "-n", NAMESPACE, "fresh");
        assertThat(none.code()).isEqualTo(ExitCode.FINDING);
        assertThat(none.err()).contains("the job has not begun");
    }

    @Test
    void aChartIsDrawnFromTheResultStore() throws IOException {
        Ended ended = gabion("chart", "-n", NAMESPACE, "done", "--chart", "done.svg");
        assertThat(ended.text()).as(ended.err()).isEqualTo("done.svg\n");
        assertThat(Files.readString(folder.resolve("done.svg"))).contains(">done (OK)</text>", ">CPU (450 ms)</text>");
        Ended waiting = gabion("chart", "-n", NAMESPACE, "waiting");
        assertThat(waiting.code()).isEqualTo(ExitCode.FINDING);
        assertThat(waiting.err()).contains("the job 'waiting' has no usage yet; its state is Queued (<= 10)");
    }

    @Test
    void waitReturnsWithTheVerdict() throws Exception {
        assertThat(gabion("wait", "-n", NAMESPACE, "done").code()).isZero();
        Ended both = gabion("wait", "-n", NAMESPACE, "done", "failed");
        assertThat(both.code()).isEqualTo(ExitCode.FINDING);
        assertThat(both.text()).isEqualTo("done: OK, exit code 0\nfailed: NonZeroExit, exit code 7\n");
        Ended late = gabion("wait", "-n", NAMESPACE, "--timeout", "300ms", "fresh");
        assertThat(late.code()).isEqualTo(ExitCode.FINDING);
        assertThat(late.err()).contains("the job 'fresh' has not ended in the time given");
    }

    @Test
    void submitMakesAJobAndWaitsForIt() throws Exception {
        Files.writeString(folder.resolve("hello.py"), "print('hi')\n");
        Ended dry = gabion("submit", "--dry-run", "--memory", "64Mi", "hello.py", "--", "a");
        assertThat(dry.text()).contains("kind: SandboxJob", "memory: 64Mi", "name: hello.py", "generateName: hello-");

        Ended full = gabion(
                "submit",
                "--dry-run",
                "--runtime-class-name=gvisor",
                "--max-attempts=1",
                "--ttl-seconds-after-finished=3600",
                "--suspend",
                "--compile-processes=7",
                "--compile-open-files=8",
                "--compile-output-bytes=4Ki",
                "--compile-file-size=1Mi",
                "hello.py");
        assertThat(full.text())
                .contains(
                        "runtimeClassName: gvisor", "maxAttempts: 1", "ttlSecondsAfterFinished: 3600", "suspend: true")
                .contains("processes: 7", "openFiles: 8", "outputBytes: 4096", "fileSize: 1Mi");
        Ended never = gabion("submit", "--suspend", "--wait", "hello.py");
        assertThat(never.code()).isEqualTo(ExitCode.USAGE);
        assertThat(never.err()).contains("a suspended job has no verdict to wait for");
        assertThat(gabion("submit", "--max-attempts=11", "hello.py").err()).contains("--max-attempts", "1 to 10");
        assertThat(gabion("submit", "--seccomp-profile=./none.json", "hello.py").code())
                .isEqualTo(ExitCode.USAGE);

        ProcessBuilder builder =
                Gabions.builder(folder, "submit", "-n", NAMESPACE, "--name", "sent", "--wait", "hello.py", "--", "a");
        builder.environment().put("KUBECONFIG", server.kubeconfig().toString());
        Process process = builder.start();
        try (var out = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(out.readLine()).isEqualTo("sandboxjob/sent");
            SandboxJob made = client.resources(SandboxJob.class)
                    .inNamespace(NAMESPACE)
                    .withName("sent")
                    .get();
            assertThat(made.getSpec().args()).containsExactly("a");
            setStatus(made, ended(Verdict.OK, 0, "hi\n"));
            assertThat(out.readLine()).isEqualTo("sent: OK");
            assertThat(process.waitFor()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void runtimesOfTheClusterAreListed() {
        Ended none = gabion("runtimes", "--cluster");
        assertThat(none.code()).as(none.err()).isZero();
        assertThat(none.text()).startsWith("NAME").contains("IMAGE");
    }

    @Test
    void whatTheClusterRefusesIsSaid() {
        assertThat(gabion("logs", "-n", NAMESPACE, "nobody").err())
                .contains("there is no job 'nobody' in the namespace " + NAMESPACE);
        Ended context = gabion("jobs", "--context", "elsewhere");
        assertThat(context.code()).isEqualTo(ExitCode.USAGE);
        assertThat(context.err()).contains("--context: the kubeconfig has no context 'elsewhere'");
        Ended invalid = gabion("submit", "-n", "nowhere", "--name", "x", write("x.py"));
        assertThat(invalid.code()).isEqualTo(ExitCode.CLUSTER);
        assertThat(invalid.err()).contains("the cluster has not got it").contains("namespaces \"nowhere\" not found");
    }

    private String write(String name) {
        try {
            Files.writeString(folder.resolve(name), "print(1)\n");
            return name;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
