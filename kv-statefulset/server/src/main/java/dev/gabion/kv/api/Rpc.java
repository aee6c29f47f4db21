// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.api;

import dev.gabion.kv.EtcdException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From answers that come later to gRPC's observers. */
final class Rpc {
    private static final Logger LOG = LoggerFactory.getLogger(Rpc.class);

    private Rpc() {}

    /** Checks that may throw and the work that follows, with one way out for errors. */
    interface Work<T> {
        CompletableFuture<T> start();
    }

    static <T> void answer(StreamObserver<T> observer, Work<T> work) {
        CompletableFuture<T> answer;
        try {
            answer = work.start();
        } catch (RuntimeException e) {
            observer.onError(error(e));
            return;
        }
        var _ = answer.whenComplete((result, failure) -> {
            if (failure != null) {
                observer.onError(error(failure));
            } else {
                observer.onNext(result);
                observer.onCompleted();
            }
        });
    }

    /** The answer of the log as the type that it is. */
    static <T> Function<Object, T> as(Class<T> type) {
        return type::cast;
    }

    static StatusRuntimeException error(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof EtcdException refused) {
            return refused.error().status().asRuntimeException();
        }
        LOG.warn("a request failed", cause);
        return Status.UNKNOWN
                .withDescription(String.valueOf(cause.getMessage()))
                .asRuntimeException();
    }
}
