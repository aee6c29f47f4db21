// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.watch;

import com.google.protobuf.ByteString;
import dev.gabion.kv.mvcc.Change;
import dev.gabion.kv.mvcc.Committed;
import dev.gabion.kv.mvcc.MvccStore;
import dev.gabion.kv.mvcc.View;
import dev.gabion.kv.proto.Event;
import dev.gabion.kv.proto.KeyValue;
import dev.gabion.kv.proto.ResponseHeader;
import dev.gabion.kv.proto.WatchCreateRequest;
import dev.gabion.kv.proto.WatchResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;

/**
 * Tells watchers of changes, all from one thread: so what a stream is sent is ordered, and a notice of progress cannot
 * overtake an event that it covers.
 *
 * <p>Nothing is kept for a watcher that is behind. It has a next revision, and whether it started in the past, its client is
 * slow or this thread was overrun, it reads from the storage what it missed, in pieces, until it keeps pace again.
 */
public final class WatchHub implements AutoCloseable {
    /** Changes read from the storage at a time for one watcher. */
    private static final int PIECE = 1000;

    /** Changes that may wait for this thread. More are not kept: the watchers read them from the storage. */
    private static final int WAITING = 50_000;

    private static final long ALL = -1;

    private final MvccStore store;
    private final LongFunction<ResponseHeader> header;
    private final int fragmentBytes;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("kv-watch").factory());
    private final AtomicInteger waiting = new AtomicInteger();

    private final Map<ByteString, Set<Watcher>> ofKeys = new HashMap<>();
    private final Set<Watcher> ofRanges = new LinkedHashSet<>();
    private final Set<Watcher> behind = new LinkedHashSet<>();
    private final Set<WatchStream> streams = new LinkedHashSet<>();

    /** All synced watchers have been told of everything up to here. */
    private long revision;

    private boolean catchingUp;

    /** @param fragmentBytes answers are split below this size where a client asked for it */
    public WatchHub(MvccStore store, LongFunction<ResponseHeader> header, int fragmentBytes, long progressNanos) {
        this.store = store;
        this.header = header;
        this.fragmentBytes = fragmentBytes;
        this.revision = store.revision();
        // A tenth of jitter, so that a thousand streams that were made together are not served together.
        long jittered = progressNanos + ThreadLocalRandom.current().nextLong(progressNanos / 10 + 1);
        var _ = thread.scheduleWithFixedDelay(this::noticeAll, jittered, jittered, TimeUnit.NANOSECONDS);
    }

    /** New changes, from the applying thread. Never waits. */
    public void changed(List<Committed> revisions) {
        int size = revisions.stream().mapToInt(r -> r.changes().size()).sum();
        if (waiting.addAndGet(size) > WAITING) {
            waiting.addAndGet(-size);
            thread.execute(this::overrun);
        } else {
            thread.execute(() -> {
                waiting.addAndGet(-size);
                tell(revisions);
            });
        }
    }

    public WatchStream open(WatchStream.Sink sink) {
        WatchStream stream = new WatchStream(sink);
        thread.execute(() -> streams.add(stream));
        return stream;
    }

    public void close(WatchStream stream) {
        close(stream, () -> {});
    }

    /**
     * Ends all watchers of a stream.
     *
     * @param then runs after the last answer of the stream
     */
    public void close(WatchStream stream, Runnable then) {
        thread.execute(() -> {
            stream.closed = true;
            streams.remove(stream);
            List.copyOf(stream.watchers.values()).forEach(this::remove);
            then.run();
        });
    }

    /** The client takes answers again. */
    public void ready(WatchStream stream) {
        thread.execute(this::catchUp);
    }

    public void create(WatchStream stream, WatchCreateRequest request) {
        thread.execute(() -> createHere(stream, request));
    }

    public void cancel(WatchStream stream, long id) {
        thread.execute(() -> {
            Watcher watcher = stream.watchers.get(id);
            if (watcher != null) {
                remove(watcher);
                send(
                        stream,
                        WatchResponse.newBuilder()
                                .setHeader(header.apply(store.revision()))
                                .setWatchId(id)
                                .setCanceled(true)
                                .build());
            }
        });
    }

    /** One notice for the whole stream, if all its watchers keep pace. */
    public void progress(WatchStream stream) {
        thread.execute(() -> {
            if (!stream.watchers.isEmpty() && stream.watchers.values().stream().allMatch(this::progressed)) {
                send(stream, notice(ALL));
            }
        });
    }

    private boolean progressed(Watcher watcher) {
        return watcher.synced && watcher.next <= revision + 1;
    }

    private WatchResponse notice(long id) {
        return WatchResponse.newBuilder()
                .setHeader(header.apply(revision))
                .setWatchId(id)
                .build();
    }

    private void noticeAll() {
        for (WatchStream stream : streams) {
            for (Watcher watcher : stream.watchers.values()) {
                if (watcher.interest.progress() && !watcher.told && progressed(watcher)) {
                    send(stream, notice(watcher.id));
                }
                watcher.told = false;
            }
        }
    }

    private void createHere(WatchStream stream, WatchCreateRequest request) {
        if (stream.closed) {
            return;
        }
        // A zero byte is the smallest key there is.
        ByteString key = request.getKey().isEmpty() ? ByteString.copyFrom(new byte[] {0}) : request.getKey();
        ByteString rangeEnd = request.getRangeEnd();
        ByteString end = rangeEnd.isEmpty()
                ? null
                : rangeEnd.size() == 1 && rangeEnd.byteAt(0) == 0 ? ByteString.EMPTY : rangeEnd;
        long now = store.revision();
        String refusal = null;
        if (end != null
                && !end.isEmpty()
                && ByteString.unsignedLexicographicalComparator().compare(key, end) >= 0) {
            refusal = "mvcc: watcher range is empty";
        }
        long id = request.getWatchId();
        if (refusal == null && id == 0) {
            while (stream.watchers.containsKey(stream.nextId)) {
                stream.nextId++;
            }
            id = stream.nextId++;
        } else if (refusal == null && stream.watchers.containsKey(id)) {
            refusal = "mvcc: duplicate watch ID provided on the WatchStream";
        }
        WatchResponse.Builder created =
                WatchResponse.newBuilder().setHeader(header.apply(now)).setCreated(true);
        if (refusal != null) {
            send(
                    stream,
                    created.setWatchId(ALL)
                            .setCanceled(true)
                            .setCancelReason(refusal)
                            .build());
            return;
        }
        List<WatchCreateRequest.FilterType> filters = request.getFiltersList();
        Watcher watcher = new Watcher(
                stream,
                id,
                new Watcher.Interest(
                        key,
                        end,
                        !filters.contains(WatchCreateRequest.FilterType.NOPUT),
                        !filters.contains(WatchCreateRequest.FilterType.NODELETE),
                        request.getPrevKv(),
                        request.getProgressNotify(),
                        request.getFragment()),
                request.getStartRevision() <= 0 ? now + 1 : request.getStartRevision());
        stream.watchers.put(id, watcher);
        watcher.told = true;
        send(stream, created.setWatchId(id).build());
        if (watcher.next > revision) {
            sync(watcher);
        } else {
            behind.add(watcher);
            catchUp();
        }
    }

    private void sync(Watcher watcher) {
        watcher.synced = true;
        behind.remove(watcher);
        if (watcher.interest.end() == null) {
            ofKeys.computeIfAbsent(watcher.interest.key(), key -> new LinkedHashSet<>())
                    .add(watcher);
        } else {
            ofRanges.add(watcher);
        }
    }

    private void unsync(Watcher watcher) {
        watcher.synced = false;
        if (watcher.interest.end() == null) {
            Set<Watcher> others = ofKeys.get(watcher.interest.key());
            if (others != null) {
                others.remove(watcher);
                if (others.isEmpty()) {
                    ofKeys.remove(watcher.interest.key());
                }
            }
        } else {
            ofRanges.remove(watcher);
        }
    }

    private void remove(Watcher watcher) {
        watcher.stream.watchers.remove(watcher.id);
        behind.remove(watcher);
        if (watcher.synced) {
            unsync(watcher);
        }
    }

    private Collection<Watcher> synced() {
        List<Watcher> all = new ArrayList<>(ofRanges);
        ofKeys.values().forEach(all::addAll);
        return all;
    }

    /** Changes were let go: everybody who keeps pace is behind now. */
    private void overrun() {
        long now = store.revision();
        for (Watcher watcher : synced()) {
            if (watcher.next <= now) {
                watcher.next = Math.max(watcher.next, revision + 1);
                unsync(watcher);
                behind.add(watcher);
            }
        }
        revision = Math.max(revision, now);
        catchUp();
    }

    private void tell(List<Committed> revisions) {
        long first = revisions.getFirst().revision();
        long last = revisions.getLast().revision();
        if (last <= revision) {
            return;
        }
        if (first > revision + 1) {
            overrun();
            return;
        }
        Map<Watcher, List<Event>> events = new LinkedHashMap<>();
        try (View view = store.view()) {
            for (Committed committed : revisions) {
                for (Change change : committed.changes()) {
                    Set<Watcher> ofKey = ofKeys.get(change.kv().getKey());
                    if (ofKey != null) {
                        for (Watcher watcher : ofKey) {
                            add(events, watcher, committed, change, view);
                        }
                    }
                    for (Watcher watcher : ofRanges) {
                        if (watcher.interest.covers(change.kv().getKey())) {
                            add(events, watcher, committed, change, view);
                        }
                    }
                }
            }
        }
        long before = revision;
        revision = last;
        events.forEach((watcher, its) -> {
            if (watcher.stream.sink.ready()) {
                watcher.next = last + 1;
                send(watcher, its);
            } else {
                watcher.next = Math.max(watcher.next, before + 1);
                unsync(watcher);
                behind.add(watcher);
            }
        });
    }

    private static void add(
            Map<Watcher, List<Event>> events, Watcher watcher, Committed committed, Change change, View view) {
        if (committed.revision() >= watcher.next && watcher.interest.wants(change)) {
            events.computeIfAbsent(watcher, w -> new ArrayList<>()).add(event(watcher, change, view));
        }
    }

    private static Event event(Watcher watcher, Change change, View view) {
        Event.Builder event = Event.newBuilder()
                .setType(change.deleted() ? Event.EventType.DELETE : Event.EventType.PUT)
                .setKv(change.kv());
        if (watcher.interest.previous()) {
            KeyValue previous = MvccStore.previous(view, change);
            if (previous != null) {
                event.setPrevKv(previous);
            }
        }
        return event.build();
    }

    /** A piece for each that is behind and whose client takes it; again soon while there is more. */
    private void catchUp() {
        if (catchingUp || behind.isEmpty()) {
            return;
        }
        boolean more = false;
        try (View view = store.view()) {
            for (Watcher watcher : List.copyOf(behind)) {
                if (watcher.stream.sink.ready()) {
                    more |= !catchUp(watcher, view);
                }
            }
        }
        if (more) {
            catchingUp = true;
            thread.execute(() -> {
                catchingUp = false;
                catchUp();
            });
        }
    }

    /** True when it keeps pace now, or has been ended. */
    private boolean catchUp(Watcher watcher, View view) {
        if (watcher.next < view.compacted()) {
            remove(watcher);
            send(
                    watcher.stream,
                    WatchResponse.newBuilder()
                            .setHeader(header.apply(0))
                            .setWatchId(watcher.id)
                            .setCompactRevision(view.compacted())
                            .setCanceled(true)
                            .build());
            return true;
        }
        List<Committed> history = MvccStore.history(view, watcher.next, PIECE);
        List<Event> events = new ArrayList<>();
        long last = watcher.next - 1;
        int seen = 0;
        for (Committed committed : history) {
            for (Change change : committed.changes()) {
                seen++;
                if (watcher.interest.covers(change.kv().getKey()) && watcher.interest.wants(change)) {
                    events.add(event(watcher, change, view));
                }
            }
            last = committed.revision();
        }
        boolean all = seen < PIECE;
        watcher.next = (all ? Math.max(view.revision(), last) : last) + 1;
        if (!events.isEmpty()) {
            send(watcher, events);
        }
        if (watcher.next > revision) {
            sync(watcher);
            return true;
        }
        return false;
    }

    private void send(Watcher watcher, List<Event> events) {
        watcher.told = true;
        WatchResponse whole = WatchResponse.newBuilder()
                .setHeader(
                        header.apply(Math.max(revision, events.getLast().getKv().getModRevision())))
                .setWatchId(watcher.id)
                .addAllEvents(events)
                .build();
        if (!watcher.interest.fragments() || events.size() < 2 || whole.getSerializedSize() < fragmentBytes) {
            send(watcher.stream, whole);
            return;
        }
        WatchResponse empty = whole.toBuilder().clearEvents().setFragment(true).build();
        WatchResponse.Builder part = empty.toBuilder();
        int size = empty.getSerializedSize();
        for (Event event : events) {
            int more = event.getSerializedSize() + 6;
            if (part.getEventsCount() > 0 && size + more >= fragmentBytes) {
                send(watcher.stream, part.build());
                part = empty.toBuilder();
                size = empty.getSerializedSize();
            }
            part.addEvents(event);
            size += more;
        }
        send(watcher.stream, part.setFragment(false).build());
    }

    private static void send(WatchStream stream, WatchResponse response) {
        if (!stream.closed) {
            stream.sink.send(response);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
