// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.api;

import dev.gabion.kv.proto.WatchGrpc;
import dev.gabion.kv.proto.WatchRequest;
import dev.gabion.kv.proto.WatchResponse;
import dev.gabion.kv.watch.WatchHub;
import dev.gabion.kv.watch.WatchStream;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** Watch. A stream's answers are sent by the hub's thread alone. */
public final class WatchService extends WatchGrpc.WatchImplBase {
    private final WatchHub hub;

    public WatchService(WatchHub hub) {
        this.hub = hub;
    }

    @Override
    public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> responses) {
        ServerCallStreamObserver<WatchResponse> observer = (ServerCallStreamObserver<WatchResponse>) responses;
        WatchStream stream = hub.open(new WatchStream.Sink() {
            @Override
            public boolean ready() {
                return observer.isReady();
            }

            @Override
            public void send(WatchResponse response) {
                if (!observer.isCancelled()) {
                    observer.onNext(response);
                }
            }
        });
        observer.setOnReadyHandler(() -> hub.ready(stream));
        observer.setOnCancelHandler(() -> hub.close(stream));
        return new StreamObserver<>() {
            @Override
            public void onNext(WatchRequest request) {
                switch (request.getRequestUnionCase()) {
                    case CREATE_REQUEST -> hub.create(stream, request.getCreateRequest());
                    case CANCEL_REQUEST ->
                        hub.cancel(stream, request.getCancelRequest().getWatchId());
                    case PROGRESS_REQUEST -> hub.progress(stream);
                    case REQUESTUNION_NOT_SET -> {}
                }
            }

            @Override
            public void onError(Throwable cancelled) {
                hub.close(stream);
            }

            /** The client asks for nothing more, which in etcd ends the stream. */
            @Override
            public void onCompleted() {
                hub.close(stream, () -> {
                    if (!observer.isCancelled()) {
                        observer.onCompleted();
                    }
                });
            }
        };
    }
}
