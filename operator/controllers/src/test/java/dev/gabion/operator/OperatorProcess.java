// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The packaged operator as a process of its own, watching one namespace. It always has the same name in the election. */
public final class OperatorProcess implements AutoCloseable {
    public static final String IDENTITY = "operator-1";

    private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar");
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path log = Path.of("target/operator-process-" + NUMBERS.incrementAndGet() + ".log");
    private final Process process;
    private final int port;

    private OperatorProcess(Path kubeconfig, String namespace, Map<String, String> settings) throws IOException {
        assertThat(JAR)
                .as("the packaged operator; Maven's phase package makes it")
                .exists();
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx128m",
                        "-Xss512k",
                        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                        "-jar",
                        JAR.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        builder.environment().put("POD_NAMESPACE", namespace);
        builder.environment().put("POD_NAME", IDENTITY);
        builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
        builder.environment().put("QUARKUS_HTTP_HOST", "127.0.0.1");
        // Jobs that other tests left are none of this one's.
        builder.environment().put("QUARKUS_OPERATOR_SDK_NAMESPACES", namespace);
        builder.environment().putAll(settings);
        process = builder.start();
    }

    /** Starts it; both its lease and the jobs it watches are in that namespace. */
    public static OperatorProcess start(Path kubeconfig, String namespace, Map<String, String> settings) {
        try {
            return new OperatorProcess(kubeconfig, namespace, settings);
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
    }

    /** Waits until it is ready. */
    public OperatorProcess ready() {
        await("readiness, see " + log)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptions()
                .until(() -> get("/q/health/ready").statusCode() == 200);
        return this;
    }

    /** Waits until it has ended, and says how. */
    public int exitCode() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("it ends by itself, see " + log)
                .isTrue();
        return process.exitValue();
    }

    /** Tells it to end. */
    public void terminate() {
        process.destroy();
    }

    public long pid() {
        return process.pid();
    }

    /** All it wrote so far. */
    public String log() throws IOException {
        return Files.readString(log);
    }

    /** Asks its one open port. */
    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .timeout(Duration.ofSeconds(10))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        process.destroyForcibly();
        http.close();
    }
}
