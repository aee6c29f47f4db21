// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.apply;

import static dev.gabion.kv.EtcdError.COMPACTED;
import static dev.gabion.kv.EtcdError.FUTURE_REV;
import static dev.gabion.kv.EtcdError.KEY_NOT_FOUND;
import static dev.gabion.kv.EtcdError.LEASE_NOT_FOUND;

import com.google.protobuf.ByteString;
import dev.gabion.kv.mvcc.RangeResult;
import dev.gabion.kv.mvcc.Reading;
import dev.gabion.kv.mvcc.Session;
import dev.gabion.kv.proto.Compare;
import dev.gabion.kv.proto.DeleteRangeRequest;
import dev.gabion.kv.proto.DeleteRangeResponse;
import dev.gabion.kv.proto.KeyValue;
import dev.gabion.kv.proto.PutRequest;
import dev.gabion.kv.proto.PutResponse;
import dev.gabion.kv.proto.RangeRequest;
import dev.gabion.kv.proto.RequestOp;
import dev.gabion.kv.proto.ResponseHeader;
import dev.gabion.kv.proto.ResponseOp;
import dev.gabion.kv.proto.TxnRequest;
import dev.gabion.kv.proto.TxnResponse;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Transactions: all comparisons, nested ones too, are made against the state before; then everything that could be refused is
 * checked; only then is anything written. So a refused transaction has changed nothing.
 */
final class Transactions {
    private Transactions() {}

    /** Inside a transaction's answer, headers say the revision and nothing else. */
    private static ResponseHeader inner(long revision) {
        return ResponseHeader.newBuilder().setRevision(revision).build();
    }

    static boolean readOnly(TxnRequest request) {
        return request.getSuccessList().stream().allMatch(RequestOp::hasRequestRange)
                && request.getFailureList().stream().allMatch(RequestOp::hasRequestRange);
    }

    /** Which branch was taken here, and in the nested transactions of that branch, in their order. */
    private record Path(boolean succeeded, List<Path> nested) {
        static Path of(Reading reading, TxnRequest request) {
            boolean succeeded = request.getCompareList().stream().allMatch(compare -> holds(reading, compare));
            return new Path(
                    succeeded,
                    branch(request, succeeded).stream()
                            .filter(RequestOp::hasRequestTxn)
                            .map(op -> of(reading, op.getRequestTxn()))
                            .toList());
        }

        static List<RequestOp> branch(TxnRequest request, boolean succeeded) {
            return succeeded ? request.getSuccessList() : request.getFailureList();
        }

        List<RequestOp> branch(TxnRequest request) {
            return branch(request, succeeded);
        }
    }

    /** A transaction without writes, on any state. */
    static TxnResponse read(Reading reading, TxnRequest request, LongFunction<ResponseHeader> header) {
        Path path = Path.of(reading, request);
        check(reading, id -> true, request, path);
        TxnResponse.Builder response = TxnResponse.newBuilder().setSucceeded(path.succeeded());
        for (RequestOp op : path.branch(request)) {
            response.addResponses(ResponseOp.newBuilder()
                    .setResponseRange(Ranges.range(reading, op.getRequestRange(), Transactions::inner)));
        }
        return response.setHeader(header.apply(reading.revision())).build();
    }

    static TxnResponse write(Session session, TxnRequest request, LongFunction<ResponseHeader> header) {
        Path path = Path.of(session, request);
        check(session, id -> session.lease(id) != null, request, path);
        TxnResponse.Builder response = execute(session, request, path);
        return response.setHeader(header.apply(session.revision())).build();
    }

    private static TxnResponse.Builder execute(Session session, TxnRequest request, Path path) {
        TxnResponse.Builder response = TxnResponse.newBuilder().setSucceeded(path.succeeded());
        int nested = 0;
        for (RequestOp op : path.branch(request)) {
            ResponseOp.Builder answer = response.addResponsesBuilder();
            switch (op.getRequestCase()) {
                case REQUEST_RANGE ->
                    answer.setResponseRange(Ranges.range(session, op.getRequestRange(), Transactions::inner));
                case REQUEST_PUT -> answer.setResponsePut(put(session, op.getRequestPut(), Transactions::inner));
                case REQUEST_DELETE_RANGE ->
                    answer.setResponseDeleteRange(
                            deleteRange(session, op.getRequestDeleteRange(), Transactions::inner));
                case REQUEST_TXN ->
                    answer.setResponseTxn(
                            execute(session, op.getRequestTxn(), path.nested().get(nested++))
                                    .setHeader(ResponseHeader.getDefaultInstance()));
                case REQUEST_NOT_SET -> {}
            }
        }
        return response;
    }

    static PutResponse put(Session session, PutRequest request, LongFunction<ResponseHeader> header) {
        byte[] key = request.getKey().toByteArray();
        ByteString value = request.getValue();
        long lease = request.getLease();
        PutResponse.Builder response = PutResponse.newBuilder();
        if (request.getPrevKv() || request.getIgnoreValue() || request.getIgnoreLease()) {
            KeyValue before = single(session, key);
            if (before == null && (request.getIgnoreValue() || request.getIgnoreLease())) {
                throw KEY_NOT_FOUND.exception();
            }
            if (before != null) {
                value = request.getIgnoreValue() ? before.getValue() : value;
                lease = request.getIgnoreLease() ? before.getLease() : lease;
                if (request.getPrevKv()) {
                    response.setPrevKv(before);
                }
            }
        }
        return response.setHeader(header.apply(session.put(key, value.toByteArray(), lease)))
                .build();
    }

    static DeleteRangeResponse deleteRange(
            Session session, DeleteRangeRequest request, LongFunction<ResponseHeader> header) {
        byte[] key = request.getKey().toByteArray();
        byte[] end = Ranges.end(request.getRangeEnd());
        DeleteRangeResponse.Builder response = DeleteRangeResponse.newBuilder();
        if (request.getPrevKv()) {
            response.addAllPrevKvs(session.range(key, end, 0, 0, false).kvs());
        }
        return response.setDeleted(session.deleteRange(key, end))
                .setHeader(header.apply(session.revision()))
                .build();
    }

    /** Throws what would be refused in the branches that are taken. */
    private static void check(Reading reading, LongPredicate leases, TxnRequest request, Path path) {
        int nested = 0;
        for (RequestOp op : path.branch(request)) {
            switch (op.getRequestCase()) {
                case REQUEST_RANGE -> checkRange(reading, op.getRequestRange());
                case REQUEST_PUT -> checkPut(reading, leases, op.getRequestPut());
                case REQUEST_TXN ->
                    check(reading, leases, op.getRequestTxn(), path.nested().get(nested++));
                case REQUEST_DELETE_RANGE, REQUEST_NOT_SET -> {}
            }
        }
    }

    private static void checkRange(Reading reading, RangeRequest request) {
        long at = request.getRevision();
        if (at > reading.revision()) {
            throw FUTURE_REV.exception();
        }
        if (at != 0 && at < reading.compacted()) {
            throw COMPACTED.exception();
        }
    }

    private static void checkPut(Reading reading, LongPredicate leases, PutRequest request) {
        if ((request.getIgnoreValue() || request.getIgnoreLease())
                && single(reading, request.getKey().toByteArray()) == null) {
            throw KEY_NOT_FOUND.exception();
        }
        if (request.getLease() != 0 && !leases.test(request.getLease())) {
            throw LEASE_NOT_FOUND.exception();
        }
    }

    private static boolean holds(Reading reading, Compare compare) {
        RangeResult found =
                reading.range(compare.getKey().toByteArray(), Ranges.end(compare.getRangeEnd()), 0, 0, false);
        if (found.kvs().isEmpty()) {
            // A missing value and an empty one look alike on the wire, so a comparison of values fails when there is no
            // key.
            return compare.getTarget() != Compare.CompareTarget.VALUE && holds(compare, KeyValue.getDefaultInstance());
        }
        return found.kvs().stream().allMatch(kv -> holds(compare, kv));
    }

    private static boolean holds(Compare compare, KeyValue kv) {
        int order =
                switch (compare.getTarget()) {
                    case VALUE ->
                        ByteString.unsignedLexicographicalComparator().compare(kv.getValue(), compare.getValue());
                    case CREATE -> Long.compare(kv.getCreateRevision(), compare.getCreateRevision());
                    case MOD -> Long.compare(kv.getModRevision(), compare.getModRevision());
                    case VERSION -> Long.compare(kv.getVersion(), compare.getVersion());
                    case LEASE -> Long.compare(kv.getLease(), compare.getLease());
                    case UNRECOGNIZED -> 0;
                };
        return switch (compare.getResult()) {
            case EQUAL -> order == 0;
            case NOT_EQUAL -> order != 0;
            case GREATER -> order > 0;
            case LESS -> order < 0;
            case UNRECOGNIZED -> true;
        };
    }

    private static @Nullable KeyValue single(Reading reading, byte[] key) {
        List<KeyValue> found = reading.range(key, null, 0, 0, false).kvs();
        return found.isEmpty() ? null : found.getFirst();
    }
}
