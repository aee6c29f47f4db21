// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator;

import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;

/** What the controllers are given. */
final class OperatorBeans {
    @Produces
    @Singleton
    OperatorSettings settings() {
        return OperatorSettings.from(System.getenv());
    }

    @Produces
    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }

    @Produces
    @Singleton
    ReconcilerWatch watch(Clock clock) {
        return new ReconcilerWatch(clock);
    }

    /** Without metrics per resource: their labels would grow with the number of jobs. */
    @Produces
    @Singleton
    Metrics metrics(MeterRegistry registry) {
        return MicrometerMetrics.withoutPerResourceMetrics(registry);
    }

    @Produces
    @Singleton
    LeaderElectionConfiguration leaderElection(Leadership leadership) {
        return leadership.configuration();
    }
}
