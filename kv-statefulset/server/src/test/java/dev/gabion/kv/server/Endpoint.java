// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.gabion.kv.proto.CompactionRequest;
import dev.gabion.kv.proto.DeleteRangeRequest;
import dev.gabion.kv.proto.Event;
import dev.gabion.kv.proto.KVGrpc;
import dev.gabion.kv.proto.LeaseGrantRequest;
import dev.gabion.kv.proto.LeaseGrpc;
import dev.gabion.kv.proto.LeaseLeasesRequest;
import dev.gabion.kv.proto.LeaseRevokeRequest;
import dev.gabion.kv.proto.LeaseTimeToLiveRequest;
import dev.gabion.kv.proto.PutRequest;
import dev.gabion.kv.proto.RangeRequest;
import dev.gabion.kv.proto.TxnRequest;
import dev.gabion.kv.proto.WatchCreateRequest;
import dev.gabion.kv.proto.WatchGrpc;
import dev.gabion.kv.proto.WatchRequest;
import dev.gabion.kv.proto.WatchResponse;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One server that programs are sent to; what it answers is told so that two servers can be compared. */
final class Endpoint {
    private final KVGrpc.KVBlockingStub kv;
    private final LeaseGrpc.LeaseBlockingStub lease;
    private final WatchGrpc.WatchStub watch;
    private long base;

    Endpoint(ManagedChannel channel) {
        kv = KVGrpc.newBlockingStub(channel).withWaitForReady();
        lease = LeaseGrpc.newBlockingStub(channel).withWaitForReady();
        watch = WatchGrpc.newStub(channel).withWaitForReady();
    }

    /** Nothing is stored, and revisions count from now on. */
    void begin() {
        ByteString all = ByteString.copyFrom(new byte[] {0});
        lease.leaseLeases(LeaseLeasesRequest.getDefaultInstance())
                .getLeasesList()
                .forEach(found -> lease.leaseRevoke(
                        LeaseRevokeRequest.newBuilder().setID(found.getID()).build()));
        base = kv.deleteRange(DeleteRangeRequest.newBuilder()
                        .setKey(all)
                        .setRangeEnd(all)
                        .build())
                .getHeader()
                .getRevision();
    }

    /** The answer, or the error with code and text; without what differs from server to server. */
    String send(Message request) {
        try {
            return shifted(call(shifted(request, base)), -base).toString();
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() + ": " + e.getStatus().getDescription();
        }
    }

    private Message call(Message request) {
        return switch (request) {
            case PutRequest put -> kv.put(put);
            case RangeRequest range -> kv.range(range);
            case DeleteRangeRequest delete -> kv.deleteRange(delete);
            case TxnRequest txn -> kv.txn(txn);
            case CompactionRequest compaction -> kv.compact(compaction);
            case LeaseGrantRequest grant -> lease.leaseGrant(grant);
            case LeaseRevokeRequest revoke -> lease.leaseRevoke(revoke);
            // The seconds that are left depend on when it is asked.
            case LeaseTimeToLiveRequest left ->
                lease.leaseTimeToLive(left).toBuilder().setTTL(0).build();
            default -> throw new IllegalArgumentException(request.getClass().getName());
        };
    }

    /** All that a watcher is told from a revision on, or from the last one if that comes first, until a key of ours was written; one line for each event or end. */
    List<String> history(long from, boolean previous) throws InterruptedException {
        ByteString last = ByteString.copyFromUtf8("zzz");
        long end =
                kv.put(PutRequest.newBuilder().setKey(last).build()).getHeader().getRevision();
        BlockingQueue<WatchResponse> responses = new LinkedBlockingQueue<>();
        StreamObserver<WatchRequest> stream = watch.watch(new StreamObserver<>() {
            @Override
            public void onNext(WatchResponse response) {
                responses.add(response);
            }

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {}
        });
        stream.onNext(WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(ByteString.copyFrom(new byte[] {0}))
                        .setRangeEnd(ByteString.copyFrom(new byte[] {0}))
                        .setStartRevision(Math.min(base + from, end))
                        .setPrevKv(previous))
                .build());
        List<String> lines = new ArrayList<>();
        try {
            while (true) {
                WatchResponse response = responses.poll(10, TimeUnit.SECONDS);
                if (response == null) {
                    lines.add("silence");
                    return lines;
                }
                for (Event event : response.getEventsList()) {
                    lines.add(shifted(event, -base).toString());
                    if (event.getKv().getModRevision() == end) {
                        return lines;
                    }
                }
                if (response.getCanceled()) {
                    lines.add("cancelled, compacted at " + (response.getCompactRevision() - base) + " "
                            + response.getCancelReason());
                    return lines;
                }
            }
        } finally {
            stream.onCompleted();
        }
    }

    /** All revisions moved by so much, where there is one; ids of the server left out. */
    private static Message shifted(Message message, long by) {
        Message.Builder builder = message.toBuilder();
        for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
            FieldDescriptor field = entry.getKey();
            Object value = entry.getValue();
            String name = field.getName().toLowerCase(Locale.ROOT);
            if (name.equals("cluster_id") || name.equals("member_id") || name.equals("raft_term")) {
                builder.clearField(field);
            } else if (field.isRepeated() && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                List<?> list = (List<?>) value;
                for (int i = 0; i < list.size(); i++) {
                    builder.setRepeatedField(field, i, shifted((Message) list.get(i), by));
                }
            } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                builder.setField(field, shifted((Message) value, by));
            } else if (name.endsWith("revision") && (Long) value != 0) {
                builder.setField(field, (Long) value + by);
            }
        }
        return builder.build();
    }
}
