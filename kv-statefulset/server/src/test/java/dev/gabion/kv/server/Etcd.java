// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.server;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A real etcd as the yardstick: the one that the cluster harness builds, or the one that {@code GABION_ETCD} names. */
final class Etcd implements AutoCloseable {
    private final Process process;
    private final int clientPort;

    Etcd(Path binary, Path directory) throws IOException {
        List<Integer> ports = freePorts(2);
        clientPort = ports.getFirst();
        String client = "http://127.0.0.1:" + clientPort;
        String peer = "http://127.0.0.1:" + ports.getLast();
        process = new ProcessBuilder(
                        binary.toString(),
                        "--data-dir=" + directory,
                        "--listen-client-urls=" + client,
                        "--advertise-client-urls=" + client,
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=default=" + peer,
                        "--log-level=error")
                .redirectErrorStream(true)
                .redirectOutput(new File(directory + ".log"))
                .start();
    }

    static Optional<Path> binary() {
        String named = System.getenv("GABION_ETCD");
        String home = System.getenv("GABION_HOME");
        Path path = named != null
                ? Path.of(named)
                : (home != null ? Path.of(home) : Path.of(System.getProperty("user.home"), ".cache", "gabion"))
                        .resolve("bin/etcd");
        return Files.isExecutable(path) ? Optional.of(path) : Optional.empty();
    }

    static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    static ManagedChannel channel(int port) {
        return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    static Settings settings(Path directory, int clientPort, int peerPort) {
        return Settings.parse(
                List.of(
                        "--data-dir=" + directory,
                        "--listen-client-urls=http://127.0.0.1:" + clientPort,
                        "--advertise-client-urls=http://127.0.0.1:" + clientPort,
                        "--listen-peer-urls=http://127.0.0.1:" + peerPort,
                        "--initial-advertise-peer-urls=http://127.0.0.1:" + peerPort),
                Collections.emptyMap());
    }

    int clientPort() {
        return clientPort;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
