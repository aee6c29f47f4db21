// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gabion.api.testing.LocalApiServer;
import dev.gabion.api.testing.LocalApiServerExtension;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.api.v1alpha1.SandboxRuntimeSpec;
import dev.gabion.api.v1alpha1.Source;
import dev.gabion.api.v1alpha1.SourceFile;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The packaged operator as a process of its own: how it starts, what it tells, how it stops and dies. */
@ExtendWith(LocalApiServerExtension.class)
class OperatorProcessIT {
    private static final String NAMESPACE = "operator-process";
    private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar");

    private static final int FINISHED_JOBS = 300;

    /** The goal is 200 MB, and is the image's, whose JVM has its classes from a cache. */
    private static final long RESIDENT_FENCE = 200L << 20;

    private final HttpClient http = HttpClient.newHttpClient();
    private LocalApiServer server;
    private KubernetesClient admin;
    private int port;
    private @Nullable Process process;

    @BeforeEach
    void cluster(LocalApiServer server) throws IOException {
        this.server = server;
        admin = server.adminClient();
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .serverSideApply();
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
    }

    @AfterEach
    void stop() {
        if (process != null) {
            process.destroyForcibly();
        }
        admin.close();
        http.close();
    }

    @Test
    void leadsTellsAndGivesTheLeaseBackWhenItIsStopped() throws Exception {
        // Given
        start(Map.of());
        awaitReady();

        // Then
        await().atMost(Duration.ofSeconds(30)).until(() -> "operator-1".equals(holder()));
        assertThat(get("/q/health/live").statusCode()).isEqualTo(200);
        assertThat(get("/q/health/started").statusCode()).isEqualTo(200);
        String metrics = get("/q/metrics").body();
        assertThat(metrics).contains("operator_sdk_").doesNotContain("resource_name=", "resource_namespace=");

        // When
        long before = System.nanoTime();
        Objects.requireNonNull(process).destroy();

        // Then
        assertThat(process.waitFor(20, TimeUnit.SECONDS))
                .as("it ends by itself")
                .isTrue();
        System.out.printf(
                "operator stopped in %d ms%n",
                Duration.ofNanos(System.nanoTime() - before).toMillis());
        assertThat(holder()).isEmpty();
    }

    @Test
    void hundredsOfFinishedJobsTakeLittleMemoryAndAreLeftAlone() throws Exception {
        // Given
        String namespace = "operator-memory";
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .serverSideApply();
        FinishedJobs finished = new FinishedJobs(admin, namespace);
        finished.create(FINISHED_JOBS);
        Map<String, String> versions = finished.versions();

        // When
        start(Map.of("QUARKUS_OPERATOR_SDK_NAMESPACES", namespace));
        awaitReady();

        // Then what the start took is given back
        long atStart = resident();
        await().atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> resident() < RESIDENT_FENCE);
        System.out.printf(
                "operator with %d finished jobs, without a class cache: %d MiB resident, %d when it was ready%n",
                FINISHED_JOBS, resident() >> 20, atStart >> 20);
        assertThat(finished.versions()).as("no job is written").isEqualTo(versions);
    }

    @Test
    void theNextProcessGoesOnWhereOneDied() throws Exception {
        // Given
        start(Map.of("GABION_FAILPOINTS", "attempt-announced=halt"));
        awaitReady();
        admin.resource(runtime()).serverSideApply();

        // When
        SandboxJob job = admin.resource(job()).create();

        // Then
        assertThat(Objects.requireNonNull(process).waitFor(60, TimeUnit.SECONDS))
                .isTrue();
        assertThat(process.exitValue()).isEqualTo(137);
        assertThat(admin.pods().inNamespace(NAMESPACE).list().getItems()).isEmpty();

        // When
        start(Map.of());

        // Then
        await().atMost(Duration.ofSeconds(90))
                .until(() ->
                        admin.pods().inNamespace(NAMESPACE).list().getItems().size() == 1);
        assertThat(admin.resource(job).get().getStatus().attempts()).isEqualTo(1);
    }

    @Test
    void refusesASettingThatCannotBe() throws Exception {
        // When
        start(Map.of("GABION_JOBS_NODE_LOST_SECONDS", "soon"));

        // Then
        assertThat(Objects.requireNonNull(process).waitFor(60, TimeUnit.SECONDS))
                .isTrue();
        assertThat(process.exitValue()).isEqualTo(64);
        assertThat(Files.readString(log()))
                .contains("GABION_JOBS_NODE_LOST_SECONDS is 'soon'; it must be a whole number from 1 to 600");
    }

    private void start(Map<String, String> settings) throws IOException {
        assertThat(JAR)
                .as("the packaged operator; Maven's phase package makes it")
                .exists();
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@jvm.options",
                        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                        "-jar",
                        JAR.toString())
                .redirectErrorStream(true)
                .redirectOutput(log().toFile());
        builder.environment().put("KUBECONFIG", server.kubeconfig().toString());
        builder.environment().put("POD_NAMESPACE", NAMESPACE);
        builder.environment().put("POD_NAME", "operator-1");
        builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
        builder.environment().put("QUARKUS_HTTP_HOST", "127.0.0.1");
        // Jobs that other tests left are none of this one's.
        builder.environment().put("QUARKUS_OPERATOR_SDK_NAMESPACES", NAMESPACE);
        builder.environment().putAll(settings);
        process = builder.start();
    }

    private static Path log() {
        return Path.of("target/operator-process.log");
    }

    private void awaitReady() {
        await("readiness, see " + log())
                .atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(250))
                .ignoreExceptions()
                .until(() -> get("/q/health/ready").statusCode() == 200);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .timeout(Duration.ofSeconds(10))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private @Nullable String holder() {
        var lease = admin.leases()
                .inNamespace(NAMESPACE)
                .withName("gabion-operator")
                .get();
        return lease == null ? null : Objects.requireNonNullElse(lease.getSpec().getHolderIdentity(), "");
    }

    /** Bytes of the process in memory (proc(5), VmRSS). */
    private long resident() throws IOException {
        Path status =
                Path.of("/proc", Long.toString(Objects.requireNonNull(process).pid()), "status");
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .mapToLong(kilobytes -> Long.parseLong(kilobytes) << 10)
                .findFirst()
                .orElseThrow();
    }

    private static SandboxRuntime runtime() {
        SandboxRuntime runtime = new SandboxRuntime();
        runtime.setMetadata(new ObjectMetaBuilder().withName("process").build());
        runtime.setSpec(SandboxRuntimeSpec.builder()
                .image("runner")
                .fileName("main.py")
                .command(List.of("/usr/bin/python3", "{file}"))
                .build());
        return runtime;
    }

    private static SandboxJob job() {
        SandboxJob job = new SandboxJob();
        job.setMetadata(new ObjectMetaBuilder()
                .withName("interrupted")
                .withNamespace(NAMESPACE)
                .build());
        job.setSpec(SandboxJobSpec.builder()
                .runtime("process")
                .source(Source.inline(SourceFile.text("main.py", "print('hello')")))
                .build());
        return job;
    }
}
