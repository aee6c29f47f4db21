// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.raft;

import static dev.gabion.kv.EtcdError.LEADER_CHANGED;
import static dev.gabion.kv.EtcdError.REQUEST_TOO_LARGE;
import static dev.gabion.kv.EtcdError.REQUEST_TOO_MANY_REQUESTS;
import static dev.gabion.kv.EtcdError.STOPPED;
import static dev.gabion.kv.EtcdError.TIMEOUT;

import dev.gabion.kv.EtcdException;
import dev.gabion.kv.proto.log.Batch;
import dev.gabion.kv.proto.log.Operation;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Many operations in one entry of the log, without a timer: an operation leaves at once while few entries are on their way,
 * and whatever arrives while they are travels together in the next. So one client waits for nobody, and a thousand share.
 *
 * <p>Answers come from this member's own applying of the entry, whoever leads. An operation whose entry may have reached the
 * log is never proposed again: its caller is told that the outcome is unknown, as etcd tells it.
 */
public final class Batcher {
    /** Where entries go. */
    interface Log {
        /** Null while nobody is known to lead. Otherwise sends; completes exceptionally when the outcome is not known. */
        @Nullable
        CompletableFuture<?> append(PendingBatch batch, byte[] entry);
    }

    /** Operations of one entry and those who wait for them. */
    static final class PendingBatch {
        final long sequence;
        final List<Proposal> proposals;
        final long deadline;

        PendingBatch(long sequence, List<Proposal> proposals) {
            this.sequence = sequence;
            this.proposals = proposals;
            this.deadline = proposals.getFirst().deadline;
        }
    }

    static final class Proposal {
        final Operation operation;
        final int size;
        final long deadline;
        final CompletableFuture<Object> answer = new CompletableFuture<>();

        Proposal(Operation operation, int size, long deadline) {
            this.operation = operation;
            this.size = size;
            this.deadline = deadline;
        }
    }

    /**
     * What is too much.
     *
     * @param entryBytes largest entry; below what the log and its transport take
     * @param entryOperations most operations of one entry
     * @param entriesUnderWay entries that are sent and not yet applied here
     * @param waitingBytes operations that wait; more are refused
     * @param operationBytes largest operation
     * @param timeoutNanos until a caller is told that nothing was heard
     */
    public record Limits(
            int entryBytes,
            int entryOperations,
            int entriesUnderWay,
            long waitingBytes,
            int operationBytes,
            long timeoutNanos) {}

    private static final Logger LOG = LoggerFactory.getLogger(Batcher.class);

    private final Log log;
    private final Limits limits;
    private final long proposer = new SecureRandom().nextLong();
    private final ArrayDeque<Proposal> queue = new ArrayDeque<>();
    private final Map<Long, PendingBatch> underWay = new ConcurrentHashMap<>();
    private long queuedBytes;
    private long sequence;
    private int entries;
    private boolean stopped;

    Batcher(Log log, Limits limits) {
        this.log = log;
        this.limits = limits;
    }

    /** The answer of applying the operation: what {@code Applier} returns, or exceptionally an {@link EtcdException}. */
    public CompletableFuture<Object> submit(Operation operation) {
        int size = operation.getSerializedSize();
        if (size > limits.operationBytes()) {
            return CompletableFuture.failedFuture(REQUEST_TOO_LARGE.exception());
        }
        Proposal proposal = new Proposal(operation, size, System.nanoTime() + limits.timeoutNanos());
        synchronized (this) {
            if (stopped) {
                return CompletableFuture.failedFuture(STOPPED.exception());
            }
            if (queuedBytes + size > limits.waitingBytes()) {
                return CompletableFuture.failedFuture(REQUEST_TOO_MANY_REQUESTS.exception());
            }
            queue.add(proposal);
            queuedBytes += size;
        }
        pump();
        return proposal.answer;
    }

    /** Sends what can be sent. Also to be called when a leader may have come. */
    void pump() {
        PendingBatch batch;
        while ((batch = next()) != null) {
            underWay.put(batch.sequence, batch);
            Batch.Builder entry = Batch.newBuilder().setProposer(proposer).setSequence(batch.sequence);
            for (Proposal proposal : batch.proposals) {
                entry.addOperations(proposal.operation);
            }
            CompletableFuture<?> sent = log.append(batch, entry.build().toByteArray());
            if (sent == null) {
                putBack(batch);
                return;
            }
            PendingBatch travelling = batch;
            var _ = sent.whenComplete((reply, failure) -> {
                if (failure != null) {
                    LOG.debug("the outcome of {} operations is not known", travelling.proposals.size(), failure);
                    fail(travelling, LEADER_CHANGED.exception());
                }
            });
        }
    }

    private synchronized @Nullable PendingBatch next() {
        if (queue.isEmpty() || entries >= limits.entriesUnderWay()) {
            return null;
        }
        List<Proposal> proposals = new ArrayList<>(Math.min(queue.size(), limits.entryOperations()));
        int bytes = 0;
        while (!queue.isEmpty() && proposals.size() < limits.entryOperations()) {
            Proposal first = queue.getFirst();
            if (!proposals.isEmpty() && bytes + first.size > limits.entryBytes()) {
                break;
            }
            bytes += first.size;
            proposals.add(queue.removeFirst());
        }
        queuedBytes -= bytes;
        entries++;
        return new PendingBatch(++sequence, proposals);
    }

    private synchronized void putBack(PendingBatch batch) {
        if (underWay.remove(batch.sequence) != null) {
            for (int i = batch.proposals.size() - 1; i >= 0; i--) {
                Proposal proposal = batch.proposals.get(i);
                queue.addFirst(proposal);
                queuedBytes += proposal.size;
            }
            entries--;
        }
    }

    /** The batch that waits here for an entry, or null when it is another member's or nobody waits any more. */
    @Nullable
    PendingBatch waiting(long ofProposer, long ofSequence) {
        return ofProposer == proposer ? underWay.get(ofSequence) : null;
    }

    /** Room for the next entry; the answers are the caller's to give. False when somebody else was first. */
    boolean applied(PendingBatch batch) {
        if (underWay.remove(batch.sequence) == null) {
            return false;
        }
        synchronized (this) {
            entries--;
        }
        return true;
    }

    private void fail(PendingBatch batch, EtcdException reason) {
        if (applied(batch)) {
            batch.proposals.forEach(proposal -> proposal.answer.completeExceptionally(reason));
            pump();
        }
    }

    /** Gives up what is overdue, sent or not, and tries to send the rest. Called a few times a second. */
    void tick() {
        long now = System.nanoTime();
        for (PendingBatch batch : underWay.values()) {
            if (batch.deadline - now < 0) {
                fail(batch, TIMEOUT.exception());
            }
        }
        List<Proposal> overdue = new ArrayList<>();
        synchronized (this) {
            while (!queue.isEmpty() && queue.getFirst().deadline - now < 0) {
                Proposal proposal = queue.removeFirst();
                queuedBytes -= proposal.size;
                overdue.add(proposal);
            }
        }
        overdue.forEach(proposal -> proposal.answer.completeExceptionally(TIMEOUT.exception()));
        pump();
    }

    /** Answers everybody; nothing more is taken. */
    void stop() {
        List<Proposal> rest;
        synchronized (this) {
            stopped = true;
            rest = new ArrayList<>(queue);
            queue.clear();
        }
        rest.forEach(proposal -> proposal.answer.completeExceptionally(STOPPED.exception()));
        underWay.values().forEach(batch -> fail(batch, STOPPED.exception()));
    }
}
