// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.raft;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.gabion.kv.EtcdException;
import dev.gabion.kv.apply.Applier;
import dev.gabion.kv.mvcc.Committed;
import dev.gabion.kv.mvcc.MvccStore;
import dev.gabion.kv.mvcc.Session;
import dev.gabion.kv.proto.log.Batch;
import dev.gabion.kv.proto.log.Operation;
import dev.gabion.kv.raft.Batcher.PendingBatch;
import dev.gabion.kv.raft.Batcher.Proposal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Entry by entry from the log into the store. Ratis calls {@link #applyTransaction} from one thread.
 *
 * <p>A snapshot in Ratis' sense is the durable state of the store: taking one is to name the entry up to which nothing can be
 * lost, and costs nothing here. Making more durable is the work of another thread.
 */
final class KvStateMachine extends BaseStateMachine {
    /** Answers of so many operations are given by the applying thread itself: handing over would take longer. */
    private static final int FEW = 4;

    private final MvccStore store;
    private final Applier applier;
    private final Executor answers;
    private final Consumer<List<Committed>> changes;
    private final Runnable leadership;
    private final Consumer<Throwable> fatal;
    private final PriorityQueue<Waiter> waiters = new PriorityQueue<>();
    private final Map<PeerQuestion, Function<byte[], CompletableFuture<byte[]>>> questions =
            new EnumMap<>(PeerQuestion.class);
    private volatile @Nullable Batcher batcher;
    private volatile long seen = -1;

    private record Waiter(long index, CompletableFuture<Void> reached) implements Comparable<Waiter> {
        @Override
        public int compareTo(Waiter other) {
            return Long.compare(index, other.index);
        }
    }

    private record Durable(TermIndex termIndex) implements SnapshotInfo {
        @Override
        public TermIndex getTermIndex() {
            return termIndex;
        }

        @Override
        public long getTerm() {
            return termIndex.getTerm();
        }

        @Override
        public long getIndex() {
            return termIndex.getIndex();
        }

        @Override
        public List<FileInfo> getFiles() {
            return List.of();
        }
    }

    /**
     * @param answers gives answers to those who wait
     * @param changes told of all changes in order, by the applying thread
     * @param leadership told that somebody else may lead now
     * @param fatal told of what must end this member: going on would make it differ from the others
     */
    KvStateMachine(
            MvccStore store,
            Applier applier,
            Executor answers,
            Consumer<List<Committed>> changes,
            Runnable leadership,
            Consumer<Throwable> fatal) {
        this.store = store;
        this.applier = applier;
        this.answers = answers;
        this.changes = changes;
        this.leadership = leadership;
        this.fatal = fatal;
    }

    void batcher(Batcher own) {
        batcher = own;
    }

    @Override
    public void initialize(RaftServer raftServer, RaftGroupId raftGroupId, RaftStorage storage)
            throws java.io.IOException {
        super.initialize(raftServer, raftGroupId, storage);
        if (store.appliedIndex() >= 0) {
            setLastAppliedTermIndex(TermIndex.valueOf(store.appliedTerm(), store.appliedIndex()));
            seen = store.appliedIndex();
        }
    }

    @Override
    public TransactionContext applyTransactionSerial(TransactionContext transaction) {
        return transaction;
    }

    @Override
    @SuppressWarnings("deprecation") // getLogEntry: the unsafe variant has the same cost here, and another life time
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto entry = transaction.getLogEntry();
        try {
            apply(
                    entry.getTerm(),
                    entry.getIndex(),
                    entry.getStateMachineLogEntry().getLogData());
        } catch (Throwable t) {
            fatal.accept(t);
            throw t instanceof RuntimeException runtime ? runtime : new IllegalStateException(t);
        }
        updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
        reached(entry.getIndex());
        return CompletableFuture.completedFuture(Message.EMPTY);
    }

    private void apply(long term, long index, ByteString data) throws InvalidProtocolBufferException {
        ByteBuffer bytes = data.asReadOnlyByteBuffer();
        Batch batch = Batch.parseFrom(bytes);
        Batcher own = batcher;
        PendingBatch pending = own == null ? null : own.waiting(batch.getProposer(), batch.getSequence());
        List<Object> results = new ArrayList<>(batch.getOperationsCount());
        List<Committed> revisions;
        try (Session session = store.begin(term, index)) {
            for (Operation operation : batch.getOperationsList()) {
                results.add(applier.apply(operation, session));
            }
            revisions = session.commit();
        }
        if (!revisions.isEmpty()) {
            changes.accept(revisions);
        }
        if (own != null && pending != null && own.applied(pending)) {
            List<Proposal> proposals = pending.proposals;
            if (proposals.size() <= FEW) {
                answer(proposals, results);
            } else {
                answers.execute(() -> answer(proposals, results));
            }
            own.pump();
        }
    }

    private static void answer(List<Proposal> proposals, List<Object> results) {
        for (int i = 0; i < proposals.size(); i++) {
            Object result = results.get(i);
            if (result instanceof EtcdException refused) {
                proposals.get(i).answer.completeExceptionally(refused);
            } else {
                proposals.get(i).answer.complete(result);
            }
        }
    }

    /** Completes once the entry with that index has been applied here. */
    CompletableFuture<Void> applied(long index) {
        if (seen >= index) {
            return CompletableFuture.completedFuture(null);
        }
        Waiter waiter = new Waiter(index, new CompletableFuture<>());
        synchronized (waiters) {
            waiters.add(waiter);
        }
        reached(seen);
        return waiter.reached();
    }

    private void reached(long index) {
        seen = Math.max(seen, index);
        while (true) {
            Waiter first;
            synchronized (waiters) {
                first = waiters.peek();
                if (first == null || first.index() > seen) {
                    return;
                }
                waiters.poll();
            }
            first.reached().complete(null);
        }
    }

    /** Entries of Ratis itself change nothing here, but whoever waits for an index must learn that it has passed. */
    @Override
    public void notifyTermIndexUpdated(long term, long index) {
        super.notifyTermIndexUpdated(term, index);
        reached(index);
    }

    @Override
    public void notifyLeaderChanged(RaftGroupMemberId groupMemberId, RaftPeerId newLeaderId) {
        leadership.run();
    }

    @Override
    public void notifyLeaderReady() {
        leadership.run();
    }

    @Override
    public void notifyLogFailed(Throwable cause, LogEntryProto failedEntry) {
        fatal.accept(cause);
    }

    @Override
    public long takeSnapshot() {
        return store.durableIndex();
    }

    @Override
    public @Nullable SnapshotInfo getLatestSnapshot() {
        return store.durableIndex() < 0
                ? null
                : new Durable(TermIndex.valueOf(store.durableTerm(), store.durableIndex()));
    }

    void onQuestion(PeerQuestion kind, Function<byte[], CompletableFuture<byte[]>> answering) {
        questions.put(kind, answering);
    }

    /** A {@link PeerQuestion} of another member. It has nothing to do with the state, whatever Ratis calls it. */
    @Override
    public CompletableFuture<Message> queryStale(Message request, long minIndex) {
        byte[] bytes = request.getContent().toByteArray();
        PeerQuestion kind = PeerQuestion.kind(bytes);
        Function<byte[], CompletableFuture<byte[]>> answering = questions.get(kind);
        if (answering == null) {
            return CompletableFuture.failedFuture(new IllegalStateException("nobody answers " + kind));
        }
        return answering
                .apply(PeerQuestion.content(bytes))
                .thenApply(answer -> Message.valueOf(ByteString.copyFrom(answer)));
    }
}
