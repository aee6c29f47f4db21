// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.api;

import dev.gabion.kv.mvcc.MvccStore;
import dev.gabion.kv.proto.DefragmentRequest;
import dev.gabion.kv.proto.DefragmentResponse;
import dev.gabion.kv.proto.MaintenanceGrpc;
import dev.gabion.kv.proto.ResponseHeader;
import dev.gabion.kv.proto.StatusRequest;
import dev.gabion.kv.proto.StatusResponse;
import dev.gabion.kv.raft.RaftNode;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;

/** Maintenance. What is not here answers UNIMPLEMENTED. */
public final class MaintenanceService extends MaintenanceGrpc.MaintenanceImplBase {
    /** The version of etcd whose behaviour this is: clients choose by it what they ask for. */
    public static final String ETCD_VERSION = "3.6.5";

    private final RaftNode node;
    private final MvccStore store;
    private final LongFunction<ResponseHeader> header;

    public MaintenanceService(RaftNode node, MvccStore store, LongFunction<ResponseHeader> header) {
        this.node = node;
        this.store = store;
        this.header = header;
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
        Rpc.answer(observer, () -> {
            String leader = node.leader();
            long size = store.size();
            StatusResponse.Builder response = StatusResponse.newBuilder()
                    .setHeader(header.apply(store.revision()))
                    .setVersion(ETCD_VERSION)
                    .setStorageVersion("3.6.0")
                    .setDbSize(size)
                    .setDbSizeInUse(size)
                    .setLeader(leader == null ? 0 : Long.parseUnsignedLong(leader, 16))
                    .setRaftIndex(node.lastIndex())
                    .setRaftTerm(node.term())
                    .setRaftAppliedIndex(node.appliedIndex());
            if (leader == null) {
                response.addErrors("etcdserver: no leader");
            }
            return CompletableFuture.completedFuture(response.build());
        });
    }

    /** Nothing to do: the storage gives room back by itself. */
    @Override
    public void defragment(DefragmentRequest request, StreamObserver<DefragmentResponse> observer) {
        Rpc.answer(
                observer,
                () -> CompletableFuture.completedFuture(DefragmentResponse.newBuilder()
                        .setHeader(header.apply(store.revision()))
                        .build()));
    }
}
