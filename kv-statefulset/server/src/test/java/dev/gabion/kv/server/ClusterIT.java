// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.gabion.kv.proto.KVGrpc;
import dev.gabion.kv.proto.KeyValue;
import dev.gabion.kv.proto.MaintenanceGrpc;
import dev.gabion.kv.proto.PutRequest;
import dev.gabion.kv.proto.RangeRequest;
import dev.gabion.kv.proto.StatusRequest;
import dev.gabion.kv.proto.StatusResponse;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three members as processes: the leader is killed under writes, comes back, and nothing that was acknowledged is gone. */
class ClusterIT {
    private static final ByteString ALL = ByteString.copyFrom(new byte[] {0});

    /** One member's process and a connection to it. */
    private static final class Node {
        final String name;
        final List<String> command;
        final Path log;
        final ManagedChannel channel;
        Process process;

        Node(String name, int clientPort, int peerPort, String cluster, Path directory) throws IOException {
            this.name = name;
            this.log = directory.resolve(name + ".log");
            command = List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-ea",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Main.class.getName(),
                    "--name=" + name,
                    "--data-dir=" + directory.resolve(name),
                    "--listen-client-urls=http://127.0.0.1:" + clientPort,
                    "--advertise-client-urls=http://127.0.0.1:" + clientPort,
                    "--listen-peer-urls=http://127.0.0.1:" + peerPort,
                    "--initial-advertise-peer-urls=http://127.0.0.1:" + peerPort,
                    "--initial-cluster=" + cluster);
            channel = Etcd.channel(clientPort);
            process = start();
        }

        private Process start() throws IOException {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        }

        KVGrpc.KVBlockingStub kv() {
            return KVGrpc.newBlockingStub(channel).withDeadlineAfter(3, TimeUnit.SECONDS);
        }

        StatusResponse status() {
            return MaintenanceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(3, TimeUnit.SECONDS)
                    .status(StatusRequest.getDefaultInstance());
        }

        Map<String, KeyValue> everything(boolean serializable) {
            return kv()
                    .range(RangeRequest.newBuilder()
                            .setKey(ALL)
                            .setRangeEnd(ALL)
                            .setSerializable(serializable)
                            .build())
                    .getKvsList()
                    .stream()
                    .collect(Collectors.toMap(kv -> kv.getKey().toStringUtf8(), kv -> kv));
        }
    }

    @Test
    void nothingAcknowledgedIsLostWhenTheLeaderIsKilled(@TempDir Path directory) throws Exception {
        List<Integer> ports = Etcd.freePorts(6);
        String cluster = IntStream.range(0, 3)
                .mapToObj(i -> "m" + i + "=http://127.0.0.1:" + ports.get(3 + i))
                .collect(Collectors.joining(","));
        List<Node> nodes = new ArrayList<>();
        AtomicBoolean writing = new AtomicBoolean(true);
        List<Thread> writers = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                nodes.add(new Node("m" + i, ports.get(i), ports.get(3 + i), cluster, directory));
            }
            // Given three members, each of which is written to
            Map<String, Long> acknowledged = new ConcurrentHashMap<>();
            AtomicInteger next = new AtomicInteger();
            for (Node node : nodes) {
                writers.add(Thread.ofPlatform().start(() -> write(node, writing, next, acknowledged)));
            }
            await().atMost(Duration.ofSeconds(60)).until(() -> acknowledged.size() > 300);

            // When the leader is killed and another leads
            Node leader = leader(nodes);
            leader.process.destroyForcibly().waitFor();
            List<Node> survivors = nodes.stream().filter(node -> node != leader).toList();
            int then = acknowledged.size();
            await().atMost(Duration.ofSeconds(60)).until(() -> acknowledged.size() > then + 300);
            leader.process = leader.start();
            int back = acknowledged.size();
            await().atMost(Duration.ofSeconds(60)).until(() -> acknowledged.size() > back + 300);
            writing.set(false);
            for (Thread writer : writers) {
                writer.join();
            }

            // Then every acknowledged write is read from every member, at the revision that was promised
            assertThat(leader(survivors.getFirst().status(), nodes)).isNotNull();
            Map<String, KeyValue> expected = survivors.getFirst().everything(false);
            assertThat(expected.keySet()).containsAll(acknowledged.keySet());
            acknowledged.forEach((key, revision) -> assertThat(expected.get(key))
                    .extracting(KeyValue::getModRevision)
                    .isEqualTo(revision));
            assertThat(survivors.getLast().everything(false)).isEqualTo(expected);
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(leader.everything(false)).isEqualTo(expected));
            assertThat(leader.everything(true)).isEqualTo(expected);
        } finally {
            writing.set(false);
            for (Node node : nodes) {
                node.process.destroyForcibly().waitFor();
                node.channel.shutdownNow();
            }
        }
    }

    /** A new key each time, so that an unknown outcome leaves a key that nobody counts on. */
    private static void write(Node node, AtomicBoolean writing, AtomicInteger next, Map<String, Long> acknowledged) {
        while (writing.get()) {
            String key = "key-" + next.getAndIncrement();
            try {
                long revision = node.kv()
                        .put(PutRequest.newBuilder()
                                .setKey(ByteString.copyFromUtf8(key))
                                .setValue(ByteString.copyFromUtf8(node.name))
                                .build())
                        .getHeader()
                        .getRevision();
                acknowledged.put(key, revision);
            } catch (StatusRuntimeException unknown) {
                // Refused or not heard of: it may be there or not. While the member is gone, not in a tight loop.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        }
    }

    private static Node leader(List<Node> nodes) {
        return leader(nodes.getFirst().status(), nodes);
    }

    private static Node leader(StatusResponse status, List<Node> nodes) {
        return nodes.stream()
                .filter(node -> {
                    try {
                        return node.status().getHeader().getMemberId() == status.getLeader();
                    } catch (StatusRuntimeException gone) {
                        return false;
                    }
                })
                .findFirst()
                .orElseThrow();
    }
}
