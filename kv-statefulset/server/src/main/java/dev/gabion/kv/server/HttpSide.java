// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.server;

import dev.gabion.kv.api.MaintenanceService;
import dev.gabion.kv.mvcc.MvccStore;
import dev.gabion.kv.raft.RaftNode;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Probes and figures over plain HTTP. */
@Sharable
final class HttpSide extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final String JSON = "application/json";
    private static final String TEXT = "text/plain; charset=utf-8";

    private record Page(HttpResponseStatus status, String type, String body) {}

    private final RaftNode node;
    private final MvccStore store;

    HttpSide(RaftNode node, MvccStore store) {
        this.node = node;
        this.store = store;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        String path = new QueryStringDecoder(request.uri()).path();
        var _ = page(path)
                .exceptionally(e -> new Page(HttpResponseStatus.INTERNAL_SERVER_ERROR, TEXT, e.getMessage() + "\n"))
                .thenAccept(page -> {
                    FullHttpResponse response = new DefaultFullHttpResponse(
                            HttpVersion.HTTP_1_1,
                            page.status(),
                            Unpooled.copiedBuffer(page.body(), StandardCharsets.UTF_8));
                    response.headers().set(HttpHeaderNames.CONTENT_TYPE, page.type());
                    response.headers()
                            .setInt(
                                    HttpHeaderNames.CONTENT_LENGTH,
                                    response.content().readableBytes());
                    context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
                });
    }

    private CompletableFuture<Page> page(String path) {
        return switch (path) {
            case "/version" ->
                done(
                        HttpResponseStatus.OK,
                        JSON,
                        "{\"etcdserver\":\"" + MaintenanceService.ETCD_VERSION
                                + "\",\"etcdcluster\":\"3.6.0\",\"storage\":\"3.6.0\"}");
            case "/livez" -> done(HttpResponseStatus.OK, TEXT, "ok\n");
            case "/readyz" ->
                reads().thenApply(ready -> ready
                        ? new Page(HttpResponseStatus.OK, TEXT, "ok\n")
                        : new Page(
                                HttpResponseStatus.SERVICE_UNAVAILABLE,
                                TEXT,
                                "[-]linearizable_read failed: timeout\n"));
            case "/health" ->
                reads().thenApply(ready -> ready
                        ? new Page(HttpResponseStatus.OK, JSON, "{\"health\":\"true\",\"reason\":\"\"}")
                        : new Page(
                                HttpResponseStatus.SERVICE_UNAVAILABLE,
                                JSON,
                                "{\"health\":\"false\",\"reason\":\"RAFT NO LEADER\"}"));
            case "/metrics" -> done(HttpResponseStatus.OK, "text/plain; version=0.0.4", metrics());
            default -> done(HttpResponseStatus.NOT_FOUND, TEXT, "404 page not found\n");
        };
    }

    private static CompletableFuture<Page> done(HttpResponseStatus status, String type, String body) {
        return CompletableFuture.completedFuture(new Page(status, type, body));
    }

    private CompletableFuture<Boolean> reads() {
        return node.confirmRead()
                .thenApply(confirmed -> true)
                .completeOnTimeout(false, 2, TimeUnit.SECONDS)
                .exceptionally(failure -> false);
    }

    private String metrics() {
        return gauge("etcd_server_has_leader", "Whether a leader is known.", node.leader() == null ? 0 : 1)
                + gauge("etcd_server_is_leader", "Whether this member leads.", node.leads() ? 1 : 0)
                + gauge("etcd_server_proposals_applied_total", "Entries of the log applied.", node.appliedIndex())
                + gauge("etcd_debugging_mvcc_current_revision", "The newest revision.", store.revision())
                + gauge("etcd_debugging_mvcc_compact_revision", "The oldest readable revision.", store.compacted())
                + gauge("etcd_mvcc_db_total_size_in_bytes", "Bytes of the storage.", store.size());
    }

    private static String gauge(String name, String help, long value) {
        return "# HELP " + name + " " + help + "\n# TYPE " + name + " gauge\n" + name + " " + value + "\n";
    }
}
