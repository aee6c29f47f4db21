// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.api;

import dev.gabion.kv.apply.Applier;
import dev.gabion.kv.apply.Ranges;
import dev.gabion.kv.mvcc.MvccStore;
import dev.gabion.kv.mvcc.View;
import dev.gabion.kv.proto.CompactionRequest;
import dev.gabion.kv.proto.CompactionResponse;
import dev.gabion.kv.proto.DeleteRangeRequest;
import dev.gabion.kv.proto.DeleteRangeResponse;
import dev.gabion.kv.proto.KVGrpc;
import dev.gabion.kv.proto.PutRequest;
import dev.gabion.kv.proto.PutResponse;
import dev.gabion.kv.proto.RangeRequest;
import dev.gabion.kv.proto.RangeResponse;
import dev.gabion.kv.proto.RequestOp;
import dev.gabion.kv.proto.ResponseHeader;
import dev.gabion.kv.proto.TxnRequest;
import dev.gabion.kv.proto.TxnResponse;
import dev.gabion.kv.proto.log.Operation;
import dev.gabion.kv.raft.RaftNode;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** KV. Writes go through the log, reads wait until they are safe, then both are answered on this member. */
public final class KvService extends KVGrpc.KVImplBase {
    private static final CompletableFuture<Void> NOW = CompletableFuture.completedFuture(null);

    private final RaftNode node;
    private final MvccStore store;
    private final LongFunction<ResponseHeader> header;
    private final Executor walks;
    private final int mostOperations;

    /**
     * @param walks reads of more than one key go here: they would hold up the connections of others
     * @param mostOperations of one list of a transaction
     */
    public KvService(
            RaftNode node, MvccStore store, LongFunction<ResponseHeader> header, Executor walks, int mostOperations) {
        this.node = node;
        this.store = store;
        this.header = header;
        this.walks = walks;
        this.mostOperations = mostOperations;
    }

    @Override
    public void range(RangeRequest request, StreamObserver<RangeResponse> observer) {
        Rpc.answer(observer, () -> {
            Checks.range(request);
            return read(request.getSerializable(), !request.getRangeEnd().isEmpty(), () -> {
                try (View view = store.view()) {
                    return Ranges.range(view, request, header);
                }
            });
        });
    }

    private <T> CompletableFuture<T> read(boolean serializable, boolean walk, Supplier<T> reading) {
        CompletableFuture<Void> safe = serializable ? NOW : node.confirmRead();
        return walk
                ? safe.thenApplyAsync(confirmed -> reading.get(), walks)
                : safe.thenApply(confirmed -> reading.get());
    }

    @Override
    public void put(PutRequest request, StreamObserver<PutResponse> observer) {
        Rpc.answer(observer, () -> {
            Checks.put(request);
            return node.propose(Operation.newBuilder().setPut(request).build()).thenApply(Rpc.as(PutResponse.class));
        });
    }

    @Override
    public void deleteRange(DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> observer) {
        Rpc.answer(observer, () -> {
            Checks.deleteRange(request);
            return node.propose(Operation.newBuilder().setDeleteRange(request).build())
                    .thenApply(Rpc.as(DeleteRangeResponse.class));
        });
    }

    @Override
    public void txn(TxnRequest request, StreamObserver<TxnResponse> observer) {
        Rpc.answer(observer, () -> {
            Checks.txn(request, mostOperations);
            if (!Applier.readOnly(request)) {
                return node.propose(Operation.newBuilder().setTxn(request).build())
                        .thenApply(Rpc.as(TxnResponse.class));
            }
            boolean serializable = Stream.concat(request.getSuccessList().stream(), request.getFailureList().stream())
                    .map(RequestOp::getRequestRange)
                    .allMatch(RangeRequest::getSerializable);
            return read(serializable, true, () -> {
                try (View view = store.view()) {
                    return Applier.read(view, request, header);
                }
            });
        });
    }

    @Override
    public void compact(CompactionRequest request, StreamObserver<CompactionResponse> observer) {
        Rpc.answer(observer, () -> node.propose(
                        Operation.newBuilder().setCompaction(request).build())
                .thenApply(Rpc.as(CompactionResponse.class)));
    }
}
