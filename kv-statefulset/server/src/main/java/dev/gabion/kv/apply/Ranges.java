// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.apply;

import com.google.protobuf.ByteString;
import dev.gabion.kv.mvcc.RangeResult;
import dev.gabion.kv.mvcc.Reading;
import dev.gabion.kv.proto.KeyValue;
import dev.gabion.kv.proto.RangeRequest;
import dev.gabion.kv.proto.RangeRequest.SortOrder;
import dev.gabion.kv.proto.RangeRequest.SortTarget;
import dev.gabion.kv.proto.RangeResponse;
import dev.gabion.kv.proto.ResponseHeader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** A range with all its options: filters by revision, order, limit. */
public final class Ranges {
    private static final byte[] TO_THE_END = {};

    private Ranges() {}

    public static RangeResponse range(Reading reading, RangeRequest request, LongFunction<ResponseHeader> header) {
        boolean filtered = request.getMinModRevision() != 0
                || request.getMaxModRevision() != 0
                || request.getMinCreateRevision() != 0
                || request.getMaxCreateRevision() != 0;
        boolean whole = filtered || request.getSortOrder() != SortOrder.NONE;
        long limit = request.getLimit();
        // One more than asked for tells whether there are more.
        RangeResult result = reading.range(
                request.getKey().toByteArray(),
                end(request.getRangeEnd()),
                request.getRevision(),
                whole || limit <= 0 ? 0 : limit + 1,
                request.getCountOnly());
        List<KeyValue> kvs = filtered
                ? result.kvs().stream().filter(kv -> matches(kv, request)).toList()
                : result.kvs();
        Comparator<KeyValue> order = order(request);
        if (order != null) {
            kvs = new ArrayList<>(kvs);
            kvs.sort(order);
        }
        boolean more = limit > 0 && kvs.size() > limit;
        RangeResponse.Builder response = RangeResponse.newBuilder()
                .setHeader(header.apply(result.revision()))
                .setCount(result.count())
                .setMore(more);
        for (KeyValue kv : more ? kvs.subList(0, (int) limit) : kvs) {
            response.addKvs(
                    request.getKeysOnly()
                            ? kv.toBuilder().setValue(ByteString.EMPTY).build()
                            : kv);
        }
        return response.build();
    }

    /** How the API writes the end of a range, as reading takes it: nothing for one key, a zero byte for all that follow. */
    public static byte @Nullable [] end(ByteString rangeEnd) {
        if (rangeEnd.isEmpty()) {
            return null;
        }
        return rangeEnd.size() == 1 && rangeEnd.byteAt(0) == 0 ? TO_THE_END : rangeEnd.toByteArray();
    }

    private static boolean matches(KeyValue kv, RangeRequest request) {
        return (request.getMaxModRevision() == 0 || kv.getModRevision() <= request.getMaxModRevision())
                && (request.getMinModRevision() == 0 || kv.getModRevision() >= request.getMinModRevision())
                && (request.getMaxCreateRevision() == 0 || kv.getCreateRevision() <= request.getMaxCreateRevision())
                && (request.getMinCreateRevision() == 0 || kv.getCreateRevision() >= request.getMinCreateRevision());
    }

    /** Null when the order of the keys, in which they are read, is the one asked for. A target without an order ascends. */
    private static @Nullable Comparator<KeyValue> order(RangeRequest request) {
        SortTarget target = request.getSortTarget();
        SortOrder order = request.getSortOrder();
        if (target == SortTarget.KEY && order != SortOrder.DESCEND) {
            return null;
        }
        Comparator<ByteString> bytes = ByteString.unsignedLexicographicalComparator();
        Comparator<KeyValue> ascending =
                switch (target) {
                    case KEY -> Comparator.comparing(KeyValue::getKey, bytes);
                    case VERSION -> Comparator.comparingLong(KeyValue::getVersion);
                    case CREATE -> Comparator.comparingLong(KeyValue::getCreateRevision);
                    case MOD -> Comparator.comparingLong(KeyValue::getModRevision);
                    case VALUE -> Comparator.comparing(KeyValue::getValue, bytes);
                    case UNRECOGNIZED -> throw new IllegalArgumentException("a sort target that was not checked");
                };
        return order == SortOrder.DESCEND ? ascending.reversed() : ascending;
    }
}
