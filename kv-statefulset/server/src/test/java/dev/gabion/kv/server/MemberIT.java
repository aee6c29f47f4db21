// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.gabion.kv.proto.Event;
import dev.gabion.kv.proto.KVGrpc;
import dev.gabion.kv.proto.LeaseGrantRequest;
import dev.gabion.kv.proto.LeaseGrpc;
import dev.gabion.kv.proto.LeaseKeepAliveRequest;
import dev.gabion.kv.proto.LeaseKeepAliveResponse;
import dev.gabion.kv.proto.PutRequest;
import dev.gabion.kv.proto.PutResponse;
import dev.gabion.kv.proto.RangeRequest;
import dev.gabion.kv.proto.RangeResponse;
import dev.gabion.kv.proto.WatchCreateRequest;
import dev.gabion.kv.proto.WatchGrpc;
import dev.gabion.kv.proto.WatchProgressRequest;
import dev.gabion.kv.proto.WatchRequest;
import dev.gabion.kv.proto.WatchResponse;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One member in this process, through its port. */
class MemberIT {
    @TempDir
    Path directory = Path.of("");

    private final AtomicReference<Throwable> fault = new AtomicReference<>();
    private final List<ManagedChannel> channels = new ArrayList<>();
    private List<Integer> ports = List.of();
    private List<Member> running = List.of();

    @BeforeEach
    void begin() throws IOException {
        ports = Etcd.freePorts(2);
        start();
    }

    private void start() throws IOException {
        running = List.of(new Member(Etcd.settings(directory, ports.getFirst(), ports.getLast()), fault::set));
    }

    @AfterEach
    void end() {
        channels.forEach(ManagedChannel::shutdownNow);
        running.forEach(Member::close);
        assertThat(fault).hasNullValue();
    }

    private ManagedChannel channel() {
        ManagedChannel channel = Etcd.channel(ports.getFirst());
        channels.add(channel);
        return channel;
    }

    @Test
    void plainHttpAndGrpcShareThePort() throws Exception {
        try (HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            assertThat(get(http, "/version").body()).contains("\"etcdserver\":\"3.6.5\"");
            assertThat(get(http, "/livez").body()).isEqualTo("ok\n");
            await().untilAsserted(() ->
                    assertThat(get(http, "/health").body()).isEqualTo("{\"health\":\"true\",\"reason\":\"\"}"));
            put("a", "1");
            assertThat(get(http, "/metrics").body()).contains("etcd_debugging_mvcc_current_revision 2\n");
            assertThat(get(http, "/nothing").statusCode()).isEqualTo(404);
        }
    }

    private HttpResponse<String> get(HttpClient http, String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports.getFirst() + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void aRestartKeepsWhatWasWritten() throws Exception {
        put("a", "1");
        put("a", "2");
        RangeResponse before = read();
        running.forEach(Member::close);
        start();
        RangeResponse after = read();
        assertThat(after.getKvsList()).isEqualTo(before.getKvsList());
        assertThat(after.getHeader().getRevision()).isEqualTo(3);
    }

    @Test
    void aLeaseThatNobodyKeepsTakesItsKeys() throws Exception {
        var lease = LeaseGrpc.newBlockingStub(channel()).withWaitForReady();
        // A second is less than three halves of an election: two are given.
        assertThat(lease.leaseGrant(LeaseGrantRequest.newBuilder()
                                .setID(7)
                                .setTTL(1)
                                .build())
                        .getTTL())
                .isEqualTo(2);
        KVGrpc.newBlockingStub(channel())
                .put(PutRequest.newBuilder().setKey(text("leased")).setLease(7).build());
        assertThat(keep(7)).isEqualTo(2);
        assertThat(read().getKvsList()).hasSize(1);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(read().getKvsList()).isEmpty());
        assertThat(keep(7)).isZero();
    }

    private long keep(long id) throws InterruptedException {
        BlockingQueue<Long> answers = new LinkedBlockingQueue<>();
        StreamObserver<LeaseKeepAliveRequest> stream = LeaseGrpc.newStub(channel())
                .leaseKeepAlive(new StreamObserver<>() {
                    @Override
                    public void onNext(LeaseKeepAliveResponse response) {
                        answers.add(response.getTTL());
                    }

                    @Override
                    public void onError(Throwable failure) {}

                    @Override
                    public void onCompleted() {}
                });
        stream.onNext(LeaseKeepAliveRequest.newBuilder().setID(id).build());
        Long answer = answers.poll(10, TimeUnit.SECONDS);
        stream.onCompleted();
        return answer == null ? -1 : answer;
    }

    /** Thousands of changes in one go: none is missing, none comes twice, and progress comes after them. */
    @Test
    void aWatcherIsToldOfEverythingInOrder() throws Exception {
        int changes = 3000;
        BlockingQueue<WatchResponse> responses = new LinkedBlockingQueue<>();
        StreamObserver<WatchRequest> stream = WatchGrpc.newStub(channel()).watch(new StreamObserver<>() {
            @Override
            public void onNext(WatchResponse response) {
                responses.add(response);
            }

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {}
        });
        ByteString all = ByteString.copyFrom(new byte[] {0});
        stream.onNext(WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(all)
                        .setRangeEnd(all)
                        .setPrevKv(true))
                .build());
        WatchResponse created = responses.poll(10, TimeUnit.SECONDS);
        assertThat(created).isNotNull().extracting(WatchResponse::getCreated).isEqualTo(true);
        KVGrpc.KVStub kv = KVGrpc.newStub(channel());
        ByteString large = ByteString.copyFrom(new byte[2000]);
        for (int i = 0; i < changes; i++) {
            kv.put(
                    PutRequest.newBuilder()
                            .setKey(text("k" + i % 10))
                            .setValue(large)
                            .build(),
                    new StreamObserver<>() {
                        @Override
                        public void onNext(PutResponse response) {}

                        @Override
                        public void onError(Throwable failure) {
                            fault.set(failure);
                        }

                        @Override
                        public void onCompleted() {}
                    });
        }
        List<Long> revisions = new ArrayList<>();
        while (revisions.size() < changes) {
            WatchResponse response = responses.poll(20, TimeUnit.SECONDS);
            assertThat(response).as("after %d changes", revisions.size()).isNotNull();
            for (Event event : response == null ? List.<Event>of() : response.getEventsList()) {
                long before =
                        event.getKv().getVersion() == 1 ? 0 : event.getKv().getVersion() - 1;
                assertThat(event.getPrevKv().getVersion()).isEqualTo(before);
                revisions.add(event.getKv().getModRevision());
            }
        }
        long first = revisions.getFirst();
        for (int i = 0; i < changes; i++) {
            assertThat(revisions.get(i)).isEqualTo(first + i);
        }
        stream.onNext(WatchRequest.newBuilder()
                .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                .build());
        WatchResponse progress = responses.poll(10, TimeUnit.SECONDS);
        assertThat(progress).isNotNull();
        if (progress != null) {
            assertThat(progress.getWatchId()).isEqualTo(-1);
            assertThat(progress.getHeader().getRevision()).isEqualTo(revisions.getLast());
        }
    }

    private void put(String key, String value) {
        KVGrpc.newBlockingStub(channel())
                .withWaitForReady()
                .put(PutRequest.newBuilder()
                        .setKey(text(key))
                        .setValue(text(value))
                        .build());
    }

    private RangeResponse read() {
        return KVGrpc.newBlockingStub(channel())
                .withWaitForReady()
                .range(RangeRequest.newBuilder()
                        .setKey(text("a"))
                        .setRangeEnd(text("z"))
                        .build());
    }

    private static ByteString text(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
