// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.gabion.kv.proto.CompactionRequest;
import dev.gabion.kv.proto.Compare;
import dev.gabion.kv.proto.DeleteRangeRequest;
import dev.gabion.kv.proto.LeaseGrantRequest;
import dev.gabion.kv.proto.LeaseRevokeRequest;
import dev.gabion.kv.proto.LeaseTimeToLiveRequest;
import dev.gabion.kv.proto.PutRequest;
import dev.gabion.kv.proto.RangeRequest;
import dev.gabion.kv.proto.RequestOp;
import dev.gabion.kv.proto.TxnRequest;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;

/**
 * Random requests over few keys, so that they meet. Revisions in them count from the beginning of the program; 0 stays what it
 * means to the API. Faulty requests are part of it.
 */
final class Programs {
    private Programs() {}

    /** At most so many keys: etcd's sort leaves the order of equal elements open from the thirteenth on. */
    private static final List<String> KEYS = List.of("a", "ab", "b", "c", "c\u0000", "d");

    static Arbitrary<List<Message>> programs(int length) {
        // Long ones: most faults need a history. Shrinking makes them short again.
        return request().list().ofMinSize(1).ofMaxSize(length).withSizeDistribution(RandomDistribution.uniform());
    }

    private static Arbitrary<Message> request() {
        return Arbitraries.frequencyOf(
                Tuple.of(8, put().map(m -> (Message) m)),
                Tuple.of(6, range().map(m -> (Message) m)),
                Tuple.of(3, deleteRange().map(m -> (Message) m)),
                Tuple.of(6, txn(2).map(m -> (Message) m)),
                Tuple.of(1, compaction().map(m -> (Message) m)),
                Tuple.of(4, grant().map(m -> (Message) m)),
                Tuple.of(1, lease().map(id ->
                        (Message) LeaseRevokeRequest.newBuilder().setID(id).build())),
                Tuple.of(1, lease().map(id -> (Message) LeaseTimeToLiveRequest.newBuilder()
                        .setID(id)
                        .setKeys(true)
                        .build())));
    }

    private static Arbitrary<Long> uniform(long least, long most) {
        return Arbitraries.longs().between(least, most).withDistribution(RandomDistribution.uniform());
    }

    private static Arbitrary<ByteString> key() {
        return Arbitraries.frequencyOf(
                Tuple.of(200, Arbitraries.of(KEYS).map(ByteString::copyFromUtf8)),
                Tuple.of(1, Arbitraries.just(ByteString.EMPTY)));
    }

    private static Arbitrary<ByteString> end() {
        return Arbitraries.frequencyOf(
                Tuple.of(4, Arbitraries.just(ByteString.EMPTY)),
                Tuple.of(3, Arbitraries.of(KEYS).map(ByteString::copyFromUtf8)),
                Tuple.of(2, Arbitraries.just(ByteString.copyFrom(new byte[] {0}))));
    }

    private static Arbitrary<ByteString> value() {
        return Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.of("", "x", "y", "zz").map(ByteString::copyFromUtf8)),
                Tuple.of(1, Arbitraries.just(ByteString.copyFrom(new byte[3000]))));
    }

    private static Arbitrary<Long> lease() {
        return uniform(1, 4);
    }

    private static Arbitrary<Long> revision() {
        return Arbitraries.frequencyOf(Tuple.of(3, Arbitraries.just(0L)), Tuple.of(2, uniform(1, 30)));
    }

    private static Arbitrary<Boolean> seldom() {
        return Arbitraries.frequency(Tuple.of(1, true), Tuple.of(15, false));
    }

    private static Arbitrary<PutRequest> put() {
        return Combinators.combine(
                        key(),
                        value(),
                        lease(),
                        Arbitraries.of(true, false, false),
                        seldom(),
                        seldom(),
                        Arbitraries.of(true, false))
                .as((key, value, lease, leased, ignoreValue, ignoreLease, previous) -> PutRequest.newBuilder()
                        .setKey(key)
                        .setValue(value)
                        .setLease(leased ? lease : 0)
                        .setIgnoreValue(ignoreValue)
                        .setIgnoreLease(ignoreLease)
                        .setPrevKv(previous)
                        .build());
    }

    private static Arbitrary<RangeRequest> range() {
        Arbitrary<RangeRequest.Builder> place = Combinators.combine(
                        key(), end(), revision(), uniform(0, 4), seldom(), seldom())
                .as((key, end, at, limit, keys, count) -> RangeRequest.newBuilder()
                        .setKey(key)
                        .setRangeEnd(end)
                        .setRevision(at)
                        .setLimit(limit)
                        .setKeysOnly(keys)
                        .setCountOnly(count));
        Arbitrary<Long> bound = Arbitraries.frequencyOf(Tuple.of(7, Arbitraries.just(0L)), Tuple.of(1, uniform(1, 30)));
        return Combinators.combine(
                        place,
                        uniform(0, 3).map(Long::intValue),
                        uniform(0, 5).map(Long::intValue),
                        seldom(),
                        bound,
                        bound,
                        bound,
                        bound)
                .as((builder, order, target, sorted, a, b, c, d) -> {
                    if (sorted) {
                        builder.setSortOrderValue(order).setSortTargetValue(target);
                    }
                    return builder.clone()
                            .setMinModRevision(a)
                            .setMaxModRevision(b)
                            .setMinCreateRevision(c)
                            .setMaxCreateRevision(d)
                            .build();
                });
    }

    private static Arbitrary<DeleteRangeRequest> deleteRange() {
        return Combinators.combine(key(), end(), Arbitraries.of(true, false))
                .as((key, end, previous) -> DeleteRangeRequest.newBuilder()
                        .setKey(key)
                        .setRangeEnd(end)
                        .setPrevKv(previous)
                        .build());
    }

    private static Arbitrary<CompactionRequest> compaction() {
        return uniform(1, 20).map(at -> CompactionRequest.newBuilder()
                .setRevision(at)
                .setPhysical(true)
                .build());
    }

    private static Arbitrary<LeaseGrantRequest> grant() {
        return Combinators.combine(
                        lease(),
                        Arbitraries.frequencyOf(
                                Tuple.of(5, Arbitraries.of(600L, 3600L)),
                                Tuple.of(1, Arbitraries.of(9_000_000_000L, 9_000_000_001L))))
                .as((id, ttl) ->
                        LeaseGrantRequest.newBuilder().setID(id).setTTL(ttl).build());
    }

    private static Arbitrary<Compare> compare() {
        return Combinators.combine(
                        key(),
                        end(),
                        uniform(0, 3).map(Long::intValue),
                        uniform(0, 4).map(Long::intValue),
                        uniform(0, 5),
                        value())
                .as((key, end, result, target, number, value) -> {
                    Compare.Builder compare = Compare.newBuilder()
                            .setKey(key)
                            .setRangeEnd(end)
                            .setResultValue(result)
                            .setTargetValue(target);
                    return (switch (compare.getTarget()) {
                                case VERSION -> compare.setVersion(number);
                                case CREATE -> compare.setCreateRevision(number);
                                case MOD -> compare.setModRevision(number);
                                case LEASE -> compare.setLease(number);
                                case VALUE, UNRECOGNIZED -> compare.setValue(value);
                            })
                            .build();
                });
    }

    private static Arbitrary<TxnRequest> txn(int depth) {
        Arbitrary<RequestOp> leaf = Arbitraries.frequencyOf(
                Tuple.of(
                        4,
                        put().map(p -> RequestOp.newBuilder().setRequestPut(p).build())),
                Tuple.of(4, range().map(r -> RequestOp.newBuilder()
                        .setRequestRange(r)
                        .build())),
                Tuple.of(2, deleteRange().map(d -> RequestOp.newBuilder()
                        .setRequestDeleteRange(d)
                        .build())),
                Tuple.of(
                        depth == 0 ? 0 : 2,
                        depth == 0
                                ? Arbitraries.just(RequestOp.getDefaultInstance())
                                : Arbitraries.lazy(() -> txn(depth - 1)).map(t -> RequestOp.newBuilder()
                                        .setRequestTxn(t)
                                        .build())));
        Arbitrary<List<RequestOp>> branch = leaf.list().ofMaxSize(3);
        return Combinators.combine(compare().list().ofMaxSize(2), branch, branch)
                .as((compares, success, failure) -> TxnRequest.newBuilder()
                        .addAllCompare(compares)
                        .addAllSuccess(success)
                        .addAllFailure(failure)
                        .build());
    }
}
