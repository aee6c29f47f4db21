// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.api;

import dev.gabion.kv.proto.ClusterGrpc;
import dev.gabion.kv.proto.Member;
import dev.gabion.kv.proto.MemberListRequest;
import dev.gabion.kv.proto.MemberListResponse;
import dev.gabion.kv.proto.ResponseHeader;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;

/** Cluster. Only the list so far; what is not here answers UNIMPLEMENTED. */
public final class ClusterService extends ClusterGrpc.ClusterImplBase {
    private final List<Member> members;
    private final LongFunction<ResponseHeader> header;

    public ClusterService(List<Member> members, LongFunction<ResponseHeader> header) {
        this.members = List.copyOf(members);
        this.header = header;
    }

    @Override
    public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> observer) {
        Rpc.answer(
                observer,
                () -> CompletableFuture.completedFuture(MemberListResponse.newBuilder()
                        .setHeader(header.apply(0))
                        .addAllMembers(members)
                        .build()));
    }
}
