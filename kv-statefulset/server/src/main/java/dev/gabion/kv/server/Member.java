// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.server;

import dev.gabion.kv.api.ClusterService;
import dev.gabion.kv.api.KvService;
import dev.gabion.kv.api.LeaseService;
import dev.gabion.kv.api.MaintenanceService;
import dev.gabion.kv.api.WatchService;
import dev.gabion.kv.apply.Applier;
import dev.gabion.kv.lease.Lessor;
import dev.gabion.kv.mvcc.MvccStore;
import dev.gabion.kv.mvcc.RocksBackend;
import dev.gabion.kv.proto.ResponseHeader;
import dev.gabion.kv.raft.Batcher;
import dev.gabion.kv.raft.RaftNode;
import dev.gabion.kv.raft.RaftOptions;
import dev.gabion.kv.watch.WatchHub;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One member, wired and running. */
public final class Member implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Member.class);

    private final MvccStore store;
    private final RaftNode node;
    private final WatchHub hub;
    private final Port port;
    private final ExecutorService walks = Executors.newFixedThreadPool(
            Math.max(2, Runtime.getRuntime().availableProcessors()),
            Thread.ofPlatform().daemon().name("kv-walk-", 0).factory());
    private final ScheduledExecutorService chores = Executors.newScheduledThreadPool(
            2, Thread.ofPlatform().daemon().name("kv-chore-", 0).factory());

    /** @param fatal told of what must end this member; it serves no more by then */
    public Member(Settings settings, Consumer<Throwable> fatal) throws IOException {
        Identity identity = Identity.of(settings.members(), settings.clusterToken());
        long self = identity.member(settings.name());
        store = MvccStore.open(RocksBackend.open(settings.dataDir().resolve("db")));
        ResponseHeader template = ResponseHeader.newBuilder()
                .setClusterId(identity.cluster())
                .setMemberId(self)
                .build();
        Terms terms = new Terms();
        LongFunction<ResponseHeader> header = revision -> template.toBuilder()
                .setRevision(revision)
                .setRaftTerm(terms.current())
                .build();
        Applier applier = new Applier(settings.shortestLease(), header);
        hub = new WatchHub(
                store,
                header,
                settings.maxRequestBytes(),
                settings.watchProgressInterval().toNanos());
        List<RaftOptions.Peer> peers = settings.members().entrySet().stream()
                .map(member -> peer(identity.member(member.getKey()), member.getValue()))
                .toList();
        RaftOptions.Peer me = peer(self, settings.advertisePeerUrl());
        node = new RaftNode(
                new RaftOptions(settings.dataDir().resolve("raft"), identity.group(), me, peers, settings.election()),
                new Batcher.Limits(
                        1 << 20,
                        1000,
                        8,
                        64L << 20,
                        settings.maxRequestBytes(),
                        settings.election().multipliedBy(2).plusSeconds(5).toNanos()),
                store,
                applier,
                hub::changed,
                fatal);
        terms.of(node);
        Lessor lessor = new Lessor(store, node, settings.election(), System::nanoTime);
        node.start();
        var _ = chores.scheduleWithFixedDelay(guarded(lessor::tick, fatal), 500, 500, TimeUnit.MILLISECONDS);
        var _ = chores.scheduleWithFixedDelay(guarded(node::flush, fatal), 10, 10, TimeUnit.SECONDS);
        var _ = chores.scheduleWithFixedDelay(guarded(this::purge, fatal), 100, 100, TimeUnit.MILLISECONDS);
        port = new Port(
                settings,
                List.of(
                        new KvService(node, store, header, walks, settings.maxTxnOps()),
                        new WatchService(hub),
                        new LeaseService(node, store, lessor, header),
                        new ClusterService(members(settings, identity), header),
                        new MaintenanceService(node, store, header)),
                new HttpSide(node, store));
        LOG.info(
                "member {} ({}) of cluster {} serves at {}, applied up to {}",
                settings.name(),
                Identity.text(self),
                Identity.text(identity.cluster()),
                settings.listenClientUrls(),
                store.appliedIndex());
    }

    /** The term for headers, from a log that is made after those who need them. */
    private static final class Terms {
        private volatile @Nullable RaftNode node;

        void of(RaftNode now) {
            node = now;
        }

        long current() {
            RaftNode now = node;
            return now == null ? 0 : now.term();
        }
    }

    private void purge() {
        if (store.purgeDue()) {
            try {
                store.purge();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Runnable guarded(Runnable chore, Consumer<Throwable> fatal) {
        return () -> {
            try {
                chore.run();
            } catch (RuntimeException e) {
                fatal.accept(e);
            }
        };
    }

    private static RaftOptions.Peer peer(long id, URI url) {
        return new RaftOptions.Peer(Identity.text(id), url.getHost(), url.getPort());
    }

    private static List<dev.gabion.kv.proto.Member> members(Settings settings, Identity identity) {
        return settings.members().entrySet().stream()
                .map(member -> {
                    var builder = dev.gabion.kv.proto.Member.newBuilder()
                            .setID(identity.member(member.getKey()))
                            .setName(member.getKey())
                            .addPeerURLs(member.getValue().toString());
                    if (member.getKey().equals(settings.name())) {
                        settings.advertiseClientUrls().forEach(url -> builder.addClientURLs(url.toString()));
                    }
                    return builder.build();
                })
                .toList();
    }

    @Override
    public void close() {
        port.close();
        hub.close();
        chores.shutdownNow();
        node.close();
        walks.shutdownNow();
        try {
            // A walk that still reads from a closed storage would take the process with it.
            if (!walks.awaitTermination(10, TimeUnit.SECONDS) || !chores.awaitTermination(30, TimeUnit.SECONDS)) {
                LOG.warn("reads are still running; the storage is left open");
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        store.close();
    }
}
