// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.raft;

import dev.gabion.kv.EtcdException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Rounds of confirmation, one at a time. A read joins a round that begins after the read has arrived, never one that is under
 * way: what that one asked was asked before.
 */
final class ReadConfirmation {
    private final Supplier<CompletableFuture<Void>> round;
    private final Executor readers;
    private CompletableFuture<Void> next = new CompletableFuture<>();
    private boolean running;
    private boolean wanted;

    /**
     * @param round makes one round; completes when everything acknowledged before its call is readable here
     * @param readers where reads go on that had to wait: not on the thread that brought the answer
     */
    ReadConfirmation(Supplier<CompletableFuture<Void>> round, Executor readers) {
        this.round = round;
        this.readers = readers;
    }

    CompletableFuture<Void> confirm() {
        CompletableFuture<Void> mine;
        synchronized (this) {
            mine = next;
            wanted = true;
        }
        begin();
        return mine;
    }

    private void begin() {
        while (true) {
            CompletableFuture<Void> waiting;
            synchronized (this) {
                if (running || !wanted) {
                    return;
                }
                running = true;
                wanted = false;
                waiting = next;
                next = new CompletableFuture<>();
            }
            CompletableFuture<Void> result;
            try {
                result = round.get();
            } catch (RuntimeException e) {
                result = CompletableFuture.failedFuture(e);
            }
            if (!result.isDone()) {
                var _ = result.whenComplete((done, failure) -> {
                    finished();
                    this.readers.execute(() -> tell(waiting, failure));
                    begin();
                });
                return;
            }
            finished();
            tell(waiting, result.isCompletedExceptionally() ? result.exceptionNow() : null);
        }
    }

    private synchronized void finished() {
        running = false;
    }

    private static void tell(CompletableFuture<Void> waiting, @Nullable Throwable failure) {
        if (failure == null) {
            waiting.complete(null);
        } else {
            Throwable cause = failure.getCause();
            waiting.completeExceptionally(failure instanceof CompletionException && cause != null ? cause : failure);
        }
    }

    void stop(EtcdException reason) {
        CompletableFuture<Void> waiting;
        synchronized (this) {
            waiting = next;
        }
        waiting.completeExceptionally(reason);
    }
}
