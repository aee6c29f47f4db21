// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.server;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code java -jar gabion-kv.jar} with etcd's flags. */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);
    private static final int USAGE = 2;
    private static final int FATAL = 3;

    private Main() {}

    public static void main(String[] arguments) throws InterruptedException {
        Settings settings;
        try {
            settings = Settings.parse(List.of(arguments), System.getenv());
        } catch (Settings.UsageException e) {
            System.err.println(e.getMessage());
            System.exit(USAGE);
            return;
        }
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger code = new AtomicInteger();
        Member member;
        try {
            member = new Member(settings, fault -> {
                LOG.error("this member cannot go on", fault);
                code.set(FATAL);
                end.countDown();
            });
        } catch (IOException | RuntimeException e) {
            LOG.error("cannot start", e);
            System.exit(FATAL);
            return;
        }
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            end.countDown();
            try {
                main.join(60_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        end.await();
        member.close();
        if (code.get() != 0) {
            // Not exit(): a thread that must not go on could be what keeps the orderly way from ending.
            Runtime.getRuntime().halt(code.get());
        }
    }
}
