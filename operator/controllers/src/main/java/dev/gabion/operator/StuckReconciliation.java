// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator;

import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/**
 * Alive means that no reconciliation is stuck: each ends within its own time-outs (the API server's, the log's), which
 * together stay far below this bound.
 */
@Liveness
@Singleton
final class StuckReconciliation implements HealthCheck {
    private static final Duration BOUND = Duration.ofMinutes(5);

    private final ReconcilerWatch watch;

    StuckReconciliation(ReconcilerWatch watch) {
        this.watch = watch;
    }

    @Override
    public HealthCheckResponse call() {
        Duration oldest = watch.oldest().orElse(Duration.ZERO);
        return HealthCheckResponse.named("no reconciliation is stuck")
                .status(oldest.compareTo(BOUND) < 0)
                .withData("oldestSeconds", oldest.toSeconds())
                .build();
    }
}
