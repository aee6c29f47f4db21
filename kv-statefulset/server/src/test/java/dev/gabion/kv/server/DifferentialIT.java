// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import net.jqwik.api.statistics.Statistics;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * The same random requests to a real etcd and to us: the answers are the same to the letter, errors with code and text too,
 * and so is all that a watcher is told afterwards. What fails is made small before it is shown.
 */
class DifferentialIT {
    private static @Nullable Etcd etcd;
    private static @Nullable Member member;
    private static @Nullable Endpoint real;
    private static @Nullable Endpoint ours;
    private static final List<ManagedChannel> CHANNELS = new ArrayList<>();

    @BeforeContainer
    static void start() throws IOException {
        Path binary = Etcd.binary().orElse(null);
        if (binary == null) {
            System.out.println(
                    "DifferentialIT: skipped, there is no etcd to compare with: make cluster-up builds one, or GABION_ETCD names it");
            return;
        }
        Path directory = Files.createTempDirectory("gabion-kv");
        etcd = new Etcd(binary, directory.resolve("etcd"));
        List<Integer> ports = Etcd.freePorts(2);
        AtomicReference<Throwable> fault = new AtomicReference<>();
        member = new Member(Etcd.settings(directory.resolve("ours"), ports.getFirst(), ports.getLast()), fault::set);
        real = endpoint(etcd.clientPort());
        ours = endpoint(ports.getFirst());
    }

    private static Endpoint endpoint(int port) {
        ManagedChannel channel = Etcd.channel(port);
        CHANNELS.add(channel);
        return new Endpoint(channel);
    }

    @AfterContainer
    static void stop() {
        CHANNELS.forEach(ManagedChannel::shutdownNow);
        if (member != null) {
            member.close();
        }
        if (etcd != null) {
            etcd.close();
        }
    }

    @Provide
    Arbitrary<List<Message>> programs() {
        return Programs.programs(60);
    }

    @Property(tries = 40, shrinking = ShrinkingMode.BOUNDED, edgeCases = EdgeCasesMode.NONE)
    void answersAreThoseOfEtcd(@ForAll("programs") List<Message> program) throws InterruptedException {
        Endpoint yardstick = real;
        Endpoint subject = ours;
        if (yardstick == null || subject == null) {
            throw new TestAbortedException("no etcd to compare with");
        }
        yardstick.begin();
        subject.begin();
        for (Message request : program) {
            String name = request.getDescriptorForType().getName();
            String expected = yardstick.send(request);
            Statistics.label("answers").collect(name, expected.contains("etcdserver: ") ? expected : "answered");
            assertThat(subject.send(request))
                    .as("answer to %s %s", name, request)
                    .isEqualTo(expected);
        }
        assertThat(subject.history(1, true)).as("watched").isEqualTo(yardstick.history(1, true));
        assertThat(subject.history(5, false)).as("watched").isEqualTo(yardstick.history(5, false));
    }
}
