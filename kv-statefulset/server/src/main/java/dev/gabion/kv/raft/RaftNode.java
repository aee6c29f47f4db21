// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.raft;

import static dev.gabion.kv.EtcdError.LEADER_CHANGED;
import static dev.gabion.kv.EtcdError.NO_LEADER;
import static dev.gabion.kv.EtcdError.TIMEOUT;

import dev.gabion.kv.EtcdException;
import dev.gabion.kv.apply.Applier;
import dev.gabion.kv.mvcc.Committed;
import dev.gabion.kv.mvcc.MvccStore;
import dev.gabion.kv.proto.log.Barrier;
import dev.gabion.kv.proto.log.Operation;
import dev.gabion.kv.raft.Batcher.PendingBatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;
import org.jspecify.annotations.Nullable;

/** This member's part of the replicated log: proposes, applies, and says when a read is safe. */
public final class RaftNode implements AutoCloseable {
    private static final SizeInBytes ENTRY_LIMIT = SizeInBytes.valueOf("4MB");

    private final RaftOptions options;
    private final MvccStore store;
    private final RaftGroupId group;
    private final RaftPeerId self;
    private final RaftServer server;
    private final RaftServer.Division division;
    private final KvStateMachine machine;
    private final Batcher batcher;
    private final ReadConfirmation reads;
    private final ClientId client = ClientId.randomId();
    private final AtomicLong calls = new AtomicLong();
    private final List<Runnable> leadershipListeners = new CopyOnWriteArrayList<>();
    private final Map<RaftPeerId, RaftClient> peers = new HashMap<>();
    private final ExecutorService answers = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("kv-answers").factory());
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("kv-clock").factory());

    /**
     * @param changes told of all changes in order, by the applying thread
     * @param fatal told of what must end this member
     */
    public RaftNode(
            RaftOptions options,
            Batcher.Limits limits,
            MvccStore store,
            Applier applier,
            Consumer<List<Committed>> changes,
            Consumer<Throwable> fatal) {
        this.options = options;
        this.store = store;
        group = RaftGroupId.valueOf(options.group());
        self = RaftPeerId.valueOf(options.self().id());
        machine = new KvStateMachine(store, applier, answers, changes, this::leadershipMayHaveChanged, fatal);
        batcher = new Batcher(this::append, limits);
        machine.batcher(batcher);
        try {
            server = RaftServer.newBuilder()
                    .setServerId(self)
                    .setGroup(RaftGroup.valueOf(
                            group,
                            options.members().stream().map(RaftNode::raftPeer).toList()))
                    .setProperties(properties(options))
                    .setStateMachine(machine)
                    .setOption(RaftStorage.StartupOption.RECOVER)
                    .build();
            division = server.getDivision(group);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        reads = new ReadConfirmation(this::confirmRound, answers);
        machine.onQuestion(
                PeerQuestion.TERM,
                nothing -> CompletableFuture.completedFuture(
                        ByteBuffer.allocate(8).putLong(0, term()).array()));
    }

    private static RaftPeer raftPeer(RaftOptions.Peer peer) {
        return RaftPeer.newBuilder().setId(peer.id()).setAddress(peer.address()).build();
    }

    private static RaftProperties properties(RaftOptions options) {
        RaftProperties p = new RaftProperties();
        long election = options.electionTimeout().toMillis();
        RaftServerConfigKeys.setStorageDir(p, List.of(options.directory().toFile()));
        GrpcConfigKeys.Server.setHost(p, options.self().host());
        GrpcConfigKeys.Server.setPort(p, options.self().port());
        RaftServerConfigKeys.Rpc.setTimeoutMin(p, TimeDuration.valueOf(election, TimeUnit.MILLISECONDS));
        RaftServerConfigKeys.Rpc.setTimeoutMax(p, TimeDuration.valueOf(2 * election, TimeUnit.MILLISECONDS));
        if (options.members().size() == 1) {
            // Nobody else could be elected, so nobody needs to be waited for.
            RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(p, TimeDuration.valueOf(5, TimeUnit.MILLISECONDS));
            RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(p, TimeDuration.valueOf(10, TimeUnit.MILLISECONDS));
        }
        RaftServerConfigKeys.Log.setForceSyncNum(p, 4096);
        RaftServerConfigKeys.Log.setLogMetadataEnabled(p, false);
        RaftServerConfigKeys.Log.setWriteBufferSize(p, SizeInBytes.valueOf("8MB"));
        RaftServerConfigKeys.Log.setPreallocatedSize(p, SizeInBytes.valueOf("4MB"));
        RaftServerConfigKeys.Log.setSegmentSizeMax(p, SizeInBytes.valueOf("64MB"));
        RaftServerConfigKeys.Log.setSegmentCacheNumMax(p, 2);
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(p, ENTRY_LIMIT);
        RaftServerConfigKeys.Log.Appender.setInstallSnapshotEnabled(p, false);
        RaftServerConfigKeys.Log.Appender.setWaitTimeMin(p, TimeDuration.valueOf(1, TimeUnit.MILLISECONDS));
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(p, true);
        RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(p, 20_000);
        RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(p, false);
        return p;
    }

    public void start() {
        try {
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var _ = clock.scheduleWithFixedDelay(batcher::tick, 50, 50, TimeUnit.MILLISECONDS);
    }

    /** The answer of applying the operation, on this member, or exceptionally etcd's error. */
    public CompletableFuture<Object> propose(Operation operation) {
        return batcher.submit(operation);
    }

    /** Completes when this member's state holds all that was acknowledged anywhere before the call. */
    public CompletableFuture<Void> confirmRead() {
        return reads.confirm();
    }

    public void onLeadership(Runnable listener) {
        leadershipListeners.add(listener);
    }

    private void leadershipMayHaveChanged() {
        clock.execute(() -> {
            leadershipListeners.forEach(Runnable::run);
            batcher.pump();
        });
    }

    /** Whether this member leads and has applied everything of the terms before. */
    public boolean leads() {
        DivisionInfo info = division.getInfo();
        return info.isLeader() && info.isLeaderReady();
    }

    /** Null while nobody is known. */
    public @Nullable String leader() {
        RaftPeerId leader = division.getInfo().getLeaderId();
        return leader == null ? null : leader.toString();
    }

    public long term() {
        return division.getInfo().getCurrentTerm();
    }

    public long lastIndex() {
        return Math.max(division.getRaftLog().getNextIndex() - 1, 0);
    }

    public long appliedIndex() {
        return Math.max(division.getInfo().getLastAppliedIndex(), 0);
    }

    private @Nullable CompletableFuture<?> append(PendingBatch batch, byte[] entry) {
        DivisionInfo info = division.getInfo();
        RaftPeerId leader = info.isLeader() ? self : info.getLeaderId();
        if (leader == null || (leader.equals(self) && !info.isLeaderReady())) {
            return null;
        }
        RaftClientRequest request = request(
                leader, Message.valueOf(UnsafeByteOperations.unsafeWrap(entry)), RaftClientRequest.writeRequestType());
        return send(leader, request);
    }

    private RaftClientRequest request(RaftPeerId to, Message message, RaftClientRequest.Type type) {
        return RaftClientRequest.newBuilder()
                .setClientId(client)
                .setServerId(to)
                .setGroupId(group)
                .setCallId(calls.incrementAndGet())
                .setMessage(message)
                .setType(type)
                .build();
    }

    private CompletableFuture<RaftClientReply> send(RaftPeerId to, RaftClientRequest request) {
        CompletableFuture<RaftClientReply> reply;
        try {
            reply = to.equals(self)
                    ? server.submitClientRequestAsync(request)
                    : peer(to).getClientRpc().sendRequestAsyncUnordered(request);
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
        if (!to.equals(self)) {
            // Ratis does not open a broken connection again by itself on this way of sending.
            reply = reply.whenComplete((answer, failure) -> {
                if (failure != null) {
                    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                    peer(to).getClientRpc().handleException(to, cause, true);
                }
            });
        }
        return reply.thenApply(answer -> {
            if (!answer.isSuccess()) {
                throw new IllegalStateException(answer.getException());
            }
            return answer;
        });
    }

    private RaftClient peer(RaftPeerId id) {
        synchronized (peers) {
            return peers.computeIfAbsent(id, to -> RaftClient.newBuilder()
                    .setClientId(client)
                    .setRaftGroup(division.getGroup())
                    .setProperties(new RaftProperties())
                    .build());
        }
    }

    /** One round for all reads that wait: the index that they must see, once it is sure that this was the newest. */
    private CompletableFuture<Void> confirmRound() {
        long term = term();
        boolean leads = leads();
        long index = division.getRaftLog().getLastCommittedIndex();
        // Ready, and in the same term before and after: the index holds all that was committed in the terms before.
        if (!leads || term() != term) {
            return barrier(5);
        }
        RaftConfiguration configuration = division.getRaftConf();
        return stillIn(term, configuration.getCurrentPeers())
                .thenCombine(
                        stillIn(term, configuration.getPreviousPeers()), (current, previous) -> current && previous)
                .thenCompose(confirmed -> confirmed ? machine.applied(index) : barrier(5));
    }

    private static boolean leaderChanged(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof EtcdException refused && refused.error() == LEADER_CHANGED;
    }

    /** A barrier through the log. It changes nothing, so unlike a write it may be tried again when its outcome is unknown. */
    private CompletableFuture<Void> barrier(int triesLeft) {
        return batcher.submit(Operation.newBuilder()
                        .setBarrier(Barrier.getDefaultInstance())
                        .build())
                .<Void>thenApply(header -> null)
                .exceptionallyCompose(failure -> triesLeft > 0 && leaderChanged(failure)
                        ? barrier(triesLeft - 1)
                        : CompletableFuture.failedFuture(failure));
    }

    /** Whether a majority of these voters, asked now, is in that term. True when there are none to ask. */
    private CompletableFuture<Boolean> stillIn(long term, Collection<RaftPeer> voters) {
        if (voters.isEmpty()) {
            return CompletableFuture.completedFuture(true);
        }
        int majority = voters.size() / 2 + 1;
        List<RaftPeerId> others = new ArrayList<>();
        int yes = 0;
        for (RaftPeer voter : voters) {
            if (voter.getId().equals(self)) {
                yes++;
            } else {
                others.add(voter.getId());
            }
        }
        if (yes >= majority) {
            return CompletableFuture.completedFuture(term() == term);
        }
        Vote vote = new Vote(majority - yes, others.size());
        for (RaftPeerId other : others) {
            var _ = ask(other, PeerQuestion.TERM, PeerQuestion.NOTHING)
                    .thenApply(answer -> ByteBuffer.wrap(answer).getLong() == term)
                    .exceptionally(silent -> false)
                    .thenAccept(vote::count);
        }
        return vote.decided.completeOnTimeout(false, options.electionTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Who answers questions of that kind on this member; to be called before the start. */
    public void onQuestion(PeerQuestion kind, Function<byte[], CompletableFuture<byte[]>> answering) {
        machine.onQuestion(kind, answering);
    }

    /** Asks the member that leads. Exceptionally {@code NO_LEADER} while nobody is known to lead. */
    public CompletableFuture<byte[]> askLeader(PeerQuestion kind, byte[] content) {
        RaftPeerId leader = division.getInfo().getLeaderId();
        return leader == null ? CompletableFuture.failedFuture(NO_LEADER.exception()) : ask(leader, kind, content);
    }

    private CompletableFuture<byte[]> ask(RaftPeerId whom, PeerQuestion kind, byte[] content) {
        Message question = Message.valueOf(UnsafeByteOperations.unsafeWrap(kind.write(content)));
        return send(whom, request(whom, question, RaftClientRequest.staleReadRequestType(0)))
                .thenApply(reply -> reply.getMessage().getContent().toByteArray());
    }

    private static final class Vote {
        private final CompletableFuture<Boolean> decided = new CompletableFuture<>();
        private int needed;
        private int open;

        Vote(int needed, int open) {
            this.needed = needed;
            this.open = open;
        }

        void count(boolean yes) {
            Boolean result = null;
            synchronized (this) {
                open--;
                needed -= yes ? 1 : 0;
                if (needed == 0) {
                    result = true;
                } else if (open < needed) {
                    result = false;
                }
            }
            if (result != null) {
                decided.complete(result);
            }
        }
    }

    /** Makes durable what is applied, and lets the log go up to there. For a thread that may wait for the disk. */
    public void flush() {
        store.flush();
    }

    @Override
    public void close() {
        clock.shutdownNow();
        batcher.stop();
        reads.stop(TIMEOUT.exception());
        try {
            server.close();
            for (RaftClient peer : peers.values()) {
                peer.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            answers.shutdown();
        }
    }
}
