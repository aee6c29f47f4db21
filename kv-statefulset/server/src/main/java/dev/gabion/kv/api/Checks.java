// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.api;

import static dev.gabion.kv.EtcdError.DUPLICATE_KEY;
import static dev.gabion.kv.EtcdError.EMPTY_KEY;
import static dev.gabion.kv.EtcdError.INVALID_SORT_OPTION;
import static dev.gabion.kv.EtcdError.KEY_NOT_FOUND;
import static dev.gabion.kv.EtcdError.LEASE_PROVIDED;
import static dev.gabion.kv.EtcdError.TOO_MANY_OPS;
import static dev.gabion.kv.EtcdError.VALUE_PROVIDED;

import com.google.protobuf.ByteString;
import dev.gabion.kv.proto.Compare;
import dev.gabion.kv.proto.DeleteRangeRequest;
import dev.gabion.kv.proto.PutRequest;
import dev.gabion.kv.proto.RangeRequest;
import dev.gabion.kv.proto.RequestOp;
import dev.gabion.kv.proto.TxnRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What can be refused by looking at a request alone, in etcd's order: the first fault is the one that is named. */
final class Checks {
    private static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();

    private Checks() {}

    static void range(RangeRequest request) {
        if (request.getKey().isEmpty()) {
            throw EMPTY_KEY.exception();
        }
        if (request.getSortOrder() == RangeRequest.SortOrder.UNRECOGNIZED
                || request.getSortTarget() == RangeRequest.SortTarget.UNRECOGNIZED) {
            throw INVALID_SORT_OPTION.exception();
        }
    }

    static void put(PutRequest request) {
        if (request.getKey().isEmpty()) {
            throw EMPTY_KEY.exception();
        }
        if (request.getIgnoreValue() && !request.getValue().isEmpty()) {
            throw VALUE_PROVIDED.exception();
        }
        if (request.getIgnoreLease() && request.getLease() != 0) {
            throw LEASE_PROVIDED.exception();
        }
    }

    static void deleteRange(DeleteRangeRequest request) {
        if (request.getKey().isEmpty()) {
            throw EMPTY_KEY.exception();
        }
    }

    /** @param most operations in one list; what a transaction has, a nested one may not have again */
    static void txn(TxnRequest request, int most) {
        lists(request, most);
        overlaps(request.getSuccessList());
        overlaps(request.getFailureList());
    }

    private static void lists(TxnRequest request, int most) {
        int longest =
                Math.max(request.getCompareCount(), Math.max(request.getSuccessCount(), request.getFailureCount()));
        if (longest > most) {
            throw TOO_MANY_OPS.exception();
        }
        for (Compare compare : request.getCompareList()) {
            if (compare.getKey().isEmpty()) {
                throw EMPTY_KEY.exception();
            }
        }
        request.getSuccessList().forEach(op -> operation(op, most - longest));
        request.getFailureList().forEach(op -> operation(op, most - longest));
    }

    private static void operation(RequestOp op, int most) {
        switch (op.getRequestCase()) {
            case REQUEST_RANGE -> range(op.getRequestRange());
            case REQUEST_PUT -> put(op.getRequestPut());
            case REQUEST_DELETE_RANGE -> deleteRange(op.getRequestDeleteRange());
            case REQUEST_TXN -> lists(op.getRequestTxn(), most);
            case REQUEST_NOT_SET -> throw KEY_NOT_FOUND.exception();
        }
    }

    /** A deleted range, its end as the client wrote it: etcd takes a zero byte for a key here, not for the end of all keys. */
    private record Deleted(ByteString key, ByteString end) {
        boolean covers(ByteString other) {
            if (end.isEmpty()) {
                return key.equals(other);
            }
            return ORDER.compare(other, key) >= 0 && ORDER.compare(other, end) < 0;
        }
    }

    private record Touched(Set<ByteString> puts, List<Deleted> deletes) {}

    /** No key twice in one transaction, whichever branches are taken. Branches of one transaction exclude each other. */
    private static Touched overlaps(List<RequestOp> ops) {
        List<Deleted> deletes = new ArrayList<>();
        Set<ByteString> puts = new HashSet<>();
        for (RequestOp op : ops) {
            if (op.hasRequestDeleteRange()) {
                DeleteRangeRequest delete = op.getRequestDeleteRange();
                deletes.add(new Deleted(delete.getKey(), delete.getRangeEnd()));
            }
        }
        for (RequestOp op : ops) {
            if (op.hasRequestTxn()) {
                Touched then = overlaps(op.getRequestTxn().getSuccessList());
                Touched otherwise = overlaps(op.getRequestTxn().getFailureList());
                for (ByteString key : then.puts()) {
                    refuseIf(puts.contains(key) || covered(deletes, key));
                    puts.add(key);
                }
                for (ByteString key : otherwise.puts()) {
                    refuseIf((puts.contains(key) && !then.puts().contains(key)) || covered(deletes, key));
                    puts.add(key);
                }
                deletes.addAll(then.deletes());
                deletes.addAll(otherwise.deletes());
            }
        }
        for (RequestOp op : ops) {
            if (op.hasRequestPut()) {
                ByteString key = op.getRequestPut().getKey();
                refuseIf(covered(deletes, key) || !puts.add(key));
            }
        }
        return new Touched(puts, deletes);
    }

    private static boolean covered(List<Deleted> deletes, ByteString key) {
        return deletes.stream().anyMatch(delete -> delete.covers(key));
    }

    private static void refuseIf(boolean overlap) {
        if (overlap) {
            throw DUPLICATE_KEY.exception();
        }
    }
}
