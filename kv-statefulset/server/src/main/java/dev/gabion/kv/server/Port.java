// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.server;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The port of the clients: gRPC, and beside it plain HTTP for probes and metrics. */
final class Port implements AutoCloseable {
    /** What a message may have beyond its content, as etcd counts it. */
    private static final int OVERHEAD = 512 << 10;

    private final Server server;
    private final EventLoopGroup accepting = new EpollEventLoopGroup(1);
    private final EventLoopGroup serving =
            new EpollEventLoopGroup(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));

    Port(Settings settings, List<BindableService> services, HttpSide http) throws IOException {
        URI first = settings.listenClientUrls().getFirst();
        NettyServerBuilder builder = NettyServerBuilder.forAddress(address(first))
                .bossEventLoopGroup(accepting)
                .workerEventLoopGroup(serving)
                .channelType(EpollServerSocketChannel.class)
                .directExecutor()
                .maxInboundMessageSize(settings.maxRequestBytes() + OVERHEAD)
                .permitKeepAliveTime(5, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .protocolNegotiator(new SharedPort(InternalProtocolNegotiators.serverPlaintext(), http));
        settings.listenClientUrls().stream().skip(1).map(Port::address).forEach(builder::addListenAddress);
        services.forEach(builder::addService);
        HealthStatusManager health = new HealthStatusManager();
        builder.addService(health.getHealthService());
        builder.addService(ProtoReflectionServiceV1.newInstance());
        server = builder.build().start();
    }

    private static InetSocketAddress address(URI url) {
        return new InetSocketAddress(url.getHost(), url.getPort());
    }

    @Override
    public void close() {
        server.shutdown();
        try {
            if (!server.awaitTermination(2, TimeUnit.SECONDS)) {
                server.shutdownNow().awaitTermination(2, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        var _ = accepting.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        var _ = serving.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
