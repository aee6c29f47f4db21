// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.apply;

import static dev.gabion.kv.EtcdError.LEASE_EXIST;
import static dev.gabion.kv.EtcdError.LEASE_NOT_FOUND;
import static dev.gabion.kv.EtcdError.LEASE_TTL_TOO_LARGE;

import dev.gabion.kv.EtcdException;
import dev.gabion.kv.mvcc.Lease;
import dev.gabion.kv.mvcc.Reading;
import dev.gabion.kv.mvcc.Session;
import dev.gabion.kv.proto.CompactionRequest;
import dev.gabion.kv.proto.CompactionResponse;
import dev.gabion.kv.proto.LeaseCheckpoint;
import dev.gabion.kv.proto.LeaseCheckpointRequest;
import dev.gabion.kv.proto.LeaseCheckpointResponse;
import dev.gabion.kv.proto.LeaseGrantRequest;
import dev.gabion.kv.proto.LeaseGrantResponse;
import dev.gabion.kv.proto.LeaseRevokeRequest;
import dev.gabion.kv.proto.LeaseRevokeResponse;
import dev.gabion.kv.proto.PutRequest;
import dev.gabion.kv.proto.PutResponse;
import dev.gabion.kv.proto.ResponseHeader;
import dev.gabion.kv.proto.TxnRequest;
import dev.gabion.kv.proto.TxnResponse;
import dev.gabion.kv.proto.log.Operation;
import java.util.function.LongFunction;

/** Applies operations to a session. The answers go to whoever waits on this member and have no part in the state. */
public final class Applier {
    /** Seconds; etcd's bound, so that a deadline in nanoseconds cannot overflow. */
    static final long LONGEST_TTL = 9_000_000_000L;

    private final long shortestTtl;
    private final LongFunction<ResponseHeader> header;

    /**
     * @param shortestTtl seconds; a shorter lease could end in the time that an election takes. The same on all members
     * @param header the header of an answer at a revision
     */
    public Applier(long shortestTtl, LongFunction<ResponseHeader> header) {
        this.shortestTtl = shortestTtl;
        this.header = header;
    }

    /** The answer, or an {@link EtcdException}: then the operation has changed nothing. */
    public Object apply(Operation operation, Session session) {
        session.begin();
        try {
            return switch (operation.getKindCase()) {
                case PUT -> put(session, operation.getPut());
                case DELETE_RANGE -> Transactions.deleteRange(session, operation.getDeleteRange(), header);
                case TXN -> Transactions.write(session, operation.getTxn(), header);
                case COMPACTION -> compact(session, operation.getCompaction());
                case LEASE_GRANT -> grant(session, operation.getLeaseGrant());
                case LEASE_REVOKE -> revoke(session, operation.getLeaseRevoke());
                case LEASE_CHECKPOINT -> checkpoint(session, operation.getLeaseCheckpoint());
                case BARRIER -> header.apply(session.revision());
                case ALARM, KIND_NOT_SET ->
                    throw new IllegalStateException(
                            "an operation that this version does not know: " + operation.getKindCase());
            };
        } catch (EtcdException refused) {
            return refused;
        } finally {
            session.end();
        }
    }

    /** Whether a transaction can be answered by {@link #read} without going through the log. */
    public static boolean readOnly(TxnRequest request) {
        return Transactions.readOnly(request);
    }

    public static TxnResponse read(Reading reading, TxnRequest request, LongFunction<ResponseHeader> header) {
        return Transactions.read(reading, request, header);
    }

    private PutResponse put(Session session, PutRequest request) {
        if (request.getLease() != 0 && session.lease(request.getLease()) == null) {
            throw LEASE_NOT_FOUND.exception();
        }
        return Transactions.put(session, request, header);
    }

    private CompactionResponse compact(Session session, CompactionRequest request) {
        session.compact(request.getRevision());
        return CompactionResponse.newBuilder()
                .setHeader(header.apply(session.revision()))
                .build();
    }

    private LeaseGrantResponse grant(Session session, LeaseGrantRequest request) {
        if (request.getTTL() > LONGEST_TTL) {
            throw LEASE_TTL_TOO_LARGE.exception();
        }
        if (session.lease(request.getID()) != null) {
            throw LEASE_EXIST.exception();
        }
        Lease lease = new Lease(request.getID(), Math.max(request.getTTL(), shortestTtl), 0);
        session.putLease(lease);
        return LeaseGrantResponse.newBuilder()
                .setHeader(header.apply(session.revision()))
                .setID(lease.id())
                .setTTL(lease.ttl())
                .build();
    }

    private LeaseRevokeResponse revoke(Session session, LeaseRevokeRequest request) {
        if (session.lease(request.getID()) == null) {
            throw LEASE_NOT_FOUND.exception();
        }
        session.removeLease(request.getID());
        return LeaseRevokeResponse.newBuilder()
                .setHeader(header.apply(session.revision()))
                .build();
    }

    /** A checkpoint of a lease that has gone meanwhile says nothing. */
    private LeaseCheckpointResponse checkpoint(Session session, LeaseCheckpointRequest request) {
        for (LeaseCheckpoint checkpoint : request.getCheckpointsList()) {
            Lease lease = session.lease(checkpoint.getID());
            if (lease != null) {
                session.putLease(new Lease(lease.id(), lease.ttl(), checkpoint.getRemainingTTL()));
            }
        }
        return LeaseCheckpointResponse.newBuilder()
                .setHeader(header.apply(session.revision()))
                .build();
    }
}
