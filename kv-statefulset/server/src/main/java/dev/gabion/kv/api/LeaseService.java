// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.api;

import com.google.protobuf.ByteString;
import dev.gabion.kv.EtcdError;
import dev.gabion.kv.EtcdException;
import dev.gabion.kv.lease.Lessor;
import dev.gabion.kv.mvcc.Lease;
import dev.gabion.kv.mvcc.MvccStore;
import dev.gabion.kv.mvcc.View;
import dev.gabion.kv.proto.LeaseGrantRequest;
import dev.gabion.kv.proto.LeaseGrantResponse;
import dev.gabion.kv.proto.LeaseGrpc;
import dev.gabion.kv.proto.LeaseKeepAliveRequest;
import dev.gabion.kv.proto.LeaseKeepAliveResponse;
import dev.gabion.kv.proto.LeaseLeasesRequest;
import dev.gabion.kv.proto.LeaseLeasesResponse;
import dev.gabion.kv.proto.LeaseRevokeRequest;
import dev.gabion.kv.proto.LeaseRevokeResponse;
import dev.gabion.kv.proto.LeaseStatus;
import dev.gabion.kv.proto.LeaseTimeToLiveRequest;
import dev.gabion.kv.proto.LeaseTimeToLiveResponse;
import dev.gabion.kv.proto.ResponseHeader;
import dev.gabion.kv.proto.log.Operation;
import dev.gabion.kv.raft.RaftNode;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongFunction;

/** Lease. */
public final class LeaseService extends LeaseGrpc.LeaseImplBase {
    private final RaftNode node;
    private final MvccStore store;
    private final Lessor lessor;
    private final LongFunction<ResponseHeader> header;

    public LeaseService(RaftNode node, MvccStore store, Lessor lessor, LongFunction<ResponseHeader> header) {
        this.node = node;
        this.store = store;
        this.lessor = lessor;
        this.header = header;
    }

    /** An id is drawn here when none is given, not where the log is applied: there all members must come to the same. */
    @Override
    public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> observer) {
        LeaseGrantRequest named = request.getID() != 0
                ? request
                : request.toBuilder()
                        .setID(ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE))
                        .build();
        Rpc.answer(observer, () -> node.propose(
                        Operation.newBuilder().setLeaseGrant(named).build())
                .thenApply(Rpc.as(LeaseGrantResponse.class)));
    }

    @Override
    public void leaseRevoke(LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> observer) {
        Rpc.answer(observer, () -> node.propose(
                        Operation.newBuilder().setLeaseRevoke(request).build())
                .thenApply(Rpc.as(LeaseRevokeResponse.class)));
    }

    /** A lease that is not there is answered with a time to live of 0, and the stream goes on. Answers keep the order. */
    @Override
    public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(StreamObserver<LeaseKeepAliveResponse> observer) {
        return new StreamObserver<>() {
            private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

            @Override
            public void onNext(LeaseKeepAliveRequest request) {
                // Taken before the lease is kept: it must not claim a revision at which the lease may be gone.
                ResponseHeader at = header.apply(store.revision());
                CompletableFuture<Long> kept = lessor.keep(request.getID()).exceptionally(e -> absent(e, 0));
                last = last.thenCombine(kept, (before, seconds) -> {
                    observer.onNext(LeaseKeepAliveResponse.newBuilder()
                            .setHeader(at)
                            .setID(request.getID())
                            .setTTL(seconds)
                            .build());
                    return null;
                });
                var _ = last.exceptionally(failure -> {
                    observer.onError(Rpc.error(failure));
                    return null;
                });
            }

            @Override
            public void onError(Throwable cancelled) {}

            @Override
            public void onCompleted() {
                var _ = last.thenRun(observer::onCompleted);
            }
        };
    }

    @Override
    public void leaseTimeToLive(LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> observer) {
        Rpc.answer(observer, () -> lessor.left(request.getID())
                .exceptionally(e -> absent(e, -1))
                .thenApply(left -> {
                    try (View view = store.view()) {
                        Lease lease = store.leases().get(request.getID());
                        LeaseTimeToLiveResponse.Builder response = LeaseTimeToLiveResponse.newBuilder()
                                .setHeader(header.apply(view.revision()))
                                .setID(request.getID())
                                .setTTL(lease == null ? -1 : left);
                        if (lease != null) {
                            response.setGrantedTTL(lease.ttl());
                            if (request.getKeys()) {
                                MvccStore.attached(view, lease.id())
                                        .forEach(key -> response.addKeys(ByteString.copyFrom(key)));
                            }
                        }
                        return response.build();
                    }
                }));
    }

    @Override
    public void leaseLeases(LeaseLeasesRequest request, StreamObserver<LeaseLeasesResponse> observer) {
        Rpc.answer(observer, () -> {
            LeaseLeasesResponse.Builder response =
                    LeaseLeasesResponse.newBuilder().setHeader(header.apply(store.revision()));
            store.leases().keySet().stream()
                    .sorted()
                    .forEach(id -> response.addLeases(LeaseStatus.newBuilder().setID(id)));
            return CompletableFuture.completedFuture(response.build());
        });
    }

    private static long absent(Throwable failure, long answer) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof EtcdException refused && refused.error() == EtcdError.LEASE_NOT_FOUND) {
            return answer;
        }
        throw cause instanceof RuntimeException runtime ? runtime : new CompletionException(cause);
    }
}
