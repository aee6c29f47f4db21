// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.gabion.api.runner.Frame;
import dev.gabion.api.runner.FrameWriter;
import dev.gabion.api.v1alpha1.Verdict;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reading a log over HTTP, from a server on loopback that behaves badly where the test wants it to. */
class KubernetesPodLogsIT {
    private final CountDownLatch end = new CountDownLatch(1);
    private final AtomicInteger requests = new AtomicInteger();
    private HttpServer server;
    private KubernetesClient client;

    @FunctionalInterface
    private interface Answer {
        void write(HttpExchange exchange) throws IOException;
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .withRequestRetryBackoffLimit(0)
                .build();
        client = new KubernetesClientBuilder().withConfig(config).build();
    }

    @AfterEach
    void stop() {
        end.countDown();
        client.close();
        server.stop(0);
    }

    @Test
    void readsTheFramesOfTheRunnersContainer() {
        answer(exchange -> {
            assertThat(exchange.getRequestURI().getQuery()).isEqualTo("container=runner");
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream body = exchange.getResponseBody()) {
                new FrameWriter(body).frame(new Frame.Result(FakeKubelet.result("uid", 1, Verdict.OK, 0)));
            }
        });

        RunnerOutput output = read();

        assertThat(output.missing()).isNull();
        assertThat(output.result()).isNotNull();
    }

    @Test
    void aLogThatIsNotThereIsSaidOnce() {
        answer(exchange -> exchange.sendResponseHeaders(404, -1));

        assertThat(read().missing()).isEqualTo("the pod's log could not be read: the API server answered 404");
        assertThat(requests).hasValue(1);
    }

    @Test
    void aServerThatFailsIsAskedAgain() {
        answer(exchange -> exchange.sendResponseHeaders(503, -1));

        assertThat(read().missing()).endsWith("the API server answered 503");
        assertThat(requests).hasValue(3);
    }

    @Test
    void aLogThatStopsFlowingIsGivenUp() {
        answer(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(FakeKubelet.bytes("some text\n"));
            exchange.getResponseBody().flush();
            await();
        });

        long before = System.nanoTime();
        RunnerOutput output = read();

        assertThat(output.missing()).isNotNull();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
    }

    private RunnerOutput read() {
        return new KubernetesPodLogs(client, Duration.ofSeconds(2), Duration.ofSeconds(1)).read("jobs", "hello-1");
    }

    private void answer(Answer answer) {
        server.createContext("/api/v1/namespaces/jobs/pods/hello-1/log", exchange -> {
            requests.incrementAndGet();
            answer.write(exchange);
        });
    }

    private void await() {
        try {
            assertThat(end.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException(stopped));
        }
    }
}
