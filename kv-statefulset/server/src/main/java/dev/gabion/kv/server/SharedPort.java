// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.server;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.ProtocolNegotiationEvent;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells gRPC's connections from plain HTTP by their first bytes: HTTP/2 begins with a fixed sentence. */
final class SharedPort implements InternalProtocolNegotiator.ProtocolNegotiator {
    private static final byte[] HTTP2 = "PRI * HTTP/2.0".getBytes(StandardCharsets.US_ASCII);
    private static final int LARGEST_HTTP = 4 << 20;

    private final InternalProtocolNegotiator.ProtocolNegotiator grpc;
    private final HttpSide http;

    SharedPort(InternalProtocolNegotiator.ProtocolNegotiator grpc, HttpSide http) {
        this.grpc = grpc;
        this.http = http;
    }

    @Override
    public AsciiString scheme() {
        return grpc.scheme();
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler handler) {
        return new Sniffer(grpc.newHandler(handler), http);
    }

    @Override
    public void close() {
        grpc.close();
    }

    private static final class Sniffer extends ByteToMessageDecoder {
        private final ChannelHandler grpc;
        private final HttpSide http;
        private @Nullable Object begin;

        Sniffer(ChannelHandler grpc, HttpSide http) {
            this.grpc = grpc;
            this.http = http;
        }

        /** gRPC's transport says with this that its handlers are to begin; they come later here. */
        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof ProtocolNegotiationEvent) {
                begin = event;
            } else {
                context.fireUserEventTriggered(event);
            }
        }

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            int known = Math.min(in.readableBytes(), HTTP2.length);
            boolean http2 = true;
            for (int i = 0; i < known && http2; i++) {
                http2 = in.getByte(in.readerIndex() + i) == HTTP2[i];
            }
            if (http2 && known < HTTP2.length) {
                return;
            }
            ChannelPipeline pipeline = context.pipeline();
            if (http2) {
                pipeline.addAfter(context.name(), null, grpc);
                if (begin != null) {
                    context.fireUserEventTriggered(begin);
                }
            } else {
                // Behind this one stands the transport's handler that holds writes back until gRPC has begun.
                while (pipeline.last() != this) {
                    pipeline.removeLast();
                }
                pipeline.addLast(new HttpServerCodec(), new HttpObjectAggregator(LARGEST_HTTP), http);
            }
            // What was read so far goes to the handler that was just added.
            pipeline.remove(this);
        }
    }
}
