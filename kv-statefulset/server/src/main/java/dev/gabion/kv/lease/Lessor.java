// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.lease;

import static dev.gabion.kv.EtcdError.LEADER_CHANGED;
import static dev.gabion.kv.EtcdError.LEASE_NOT_FOUND;

import dev.gabion.kv.mvcc.Lease;
import dev.gabion.kv.mvcc.MvccStore;
import dev.gabion.kv.proto.LeaseRevokeRequest;
import dev.gabion.kv.proto.log.Operation;
import dev.gabion.kv.raft.PeerQuestion;
import dev.gabion.kv.raft.RaftNode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Says when a lease is due, on the member that leads; that it has gone is then an entry of the log like any other.
 *
 * <p>Clocks only run forward here, and only while leading: who begins to lead gives every lease its whole time again, and the
 * time of an election on top, for keep-alives that were lost on the way.
 */
public final class Lessor {
    private static final long NOT_FOUND = -1;
    private static final long NOT_LEADING = -2;

    /** So many leases are ended in one tick: a thousand that end at once must not drown the writes. */
    private static final int PER_TICK = 500;

    private record Due(long at, long lease) {}

    private final MvccStore store;
    private final RaftNode node;
    private final LongSupplier nanoTime;
    private final long grace;
    private final Map<Long, Long> deadlines = new ConcurrentHashMap<>();
    private final PriorityQueue<Due> queue = new PriorityQueue<>((a, b) -> Long.compare(a.at - b.at, 0));
    private boolean leading;
    private long leadingTerm;

    /** @param nanoTime a clock that never jumps, as {@link System#nanoTime} */
    public Lessor(MvccStore store, RaftNode node, Duration electionTimeout, LongSupplier nanoTime) {
        this.store = store;
        this.node = node;
        this.nanoTime = nanoTime;
        this.grace = electionTimeout.toNanos();
        store.onLease(this::changed);
        node.onQuestion(
                PeerQuestion.KEEP_LEASE, content -> keepHere(number(content)).thenApply(Lessor::bytes));
        node.onQuestion(
                PeerQuestion.LEASE_LEFT, content -> leftHere(number(content)).thenApply(Lessor::bytes));
    }

    private synchronized void changed(long id, @Nullable Lease lease) {
        if (lease == null) {
            deadlines.remove(id);
        } else if (leading && !deadlines.containsKey(id)) {
            // Only when it is new: a checkpoint says what is left, and must not give it more.
            schedule(id, nanoTime.getAsLong() + TimeUnit.SECONDS.toNanos(lease.ttl()));
        }
    }

    private synchronized void schedule(long id, long at) {
        deadlines.put(id, at);
        queue.add(new Due(at, id));
    }

    /** To be called a few times a second. */
    public void tick() {
        List<Long> ended = new ArrayList<>();
        synchronized (this) {
            observe();
            long now = nanoTime.getAsLong();
            while (ended.size() < PER_TICK && !queue.isEmpty() && queue.peek().at - now <= 0) {
                Due due = queue.remove();
                Long deadline = deadlines.get(due.lease);
                if (deadline != null && deadline == due.at) {
                    ended.add(due.lease);
                }
            }
        }
        for (long id : ended) {
            var unused = node.propose(Operation.newBuilder()
                            .setLeaseRevoke(LeaseRevokeRequest.newBuilder().setID(id))
                            .build())
                    .whenComplete((done, failure) -> {
                        if (failure != null && store.leases().containsKey(id)) {
                            retry(id);
                        }
                    });
        }
    }

    /** Who leads is learned here, not told: whoever asks of a lease before the first tick must not be refused. */
    private synchronized void observe() {
        long term = node.term();
        boolean leads = node.leads() && node.term() == term;
        // Another may have led between two terms of ours, and kept leases that are old here.
        if (leads && (!leading || term != leadingTerm)) {
            leadingTerm = term;
            long now = nanoTime.getAsLong();
            queue.clear();
            deadlines.clear();
            for (Lease lease : store.leases().values()) {
                long left = lease.remaining() > 0 ? lease.remaining() : lease.ttl();
                schedule(lease.id(), now + grace + TimeUnit.SECONDS.toNanos(left));
            }
        } else if (!leads) {
            queue.clear();
            deadlines.clear();
        }
        leading = leads;
    }

    private synchronized void retry(long id) {
        Long deadline = deadlines.get(id);
        if (deadline != null) {
            queue.add(new Due(deadline, id));
        }
    }

    /** Seconds that it lives from now on, or exceptionally {@code LEASE_NOT_FOUND}. Asked on any member. */
    public CompletableFuture<Long> keep(long id) {
        return node.leads()
                ? keepHere(id).thenApply(Lessor::checked)
                : node.askLeader(PeerQuestion.KEEP_LEASE, bytes(id)).thenApply(answer -> checked(number(answer)));
    }

    /** Seconds that are left of it, or exceptionally {@code LEASE_NOT_FOUND}. Asked on any member. */
    public CompletableFuture<Long> left(long id) {
        return node.leads()
                ? leftHere(id).thenApply(Lessor::checked)
                : node.askLeader(PeerQuestion.LEASE_LEFT, bytes(id)).thenApply(answer -> checked(number(answer)));
    }

    private static long checked(long answer) {
        if (answer == NOT_FOUND) {
            throw LEASE_NOT_FOUND.exception();
        }
        if (answer == NOT_LEADING) {
            throw LEADER_CHANGED.exception();
        }
        return answer;
    }

    /** Confirmed: a leader that was replaced without knowing it must not promise anybody that a lease lives. */
    private CompletableFuture<Long> keepHere(long id) {
        return node.confirmRead().thenApply(confirmed -> {
            synchronized (this) {
                observe();
                if (!leading) {
                    return NOT_LEADING;
                }
                Lease lease = store.leases().get(id);
                Long deadline = deadlines.get(id);
                long now = nanoTime.getAsLong();
                if (lease == null || deadline == null || deadline - now <= 0) {
                    return NOT_FOUND;
                }
                schedule(id, now + TimeUnit.SECONDS.toNanos(lease.ttl()));
                return lease.ttl();
            }
        });
    }

    private CompletableFuture<Long> leftHere(long id) {
        return node.confirmRead().thenApply(confirmed -> {
            synchronized (this) {
                observe();
                if (!leading) {
                    return NOT_LEADING;
                }
                Long deadline = deadlines.get(id);
                return deadline == null || !store.leases().containsKey(id)
                        ? NOT_FOUND
                        : Math.max(TimeUnit.NANOSECONDS.toSeconds(deadline - nanoTime.getAsLong()), 0);
            }
        });
    }

    private static byte[] bytes(long number) {
        return ByteBuffer.allocate(8).putLong(0, number).array();
    }

    private static long number(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getLong();
    }
}
