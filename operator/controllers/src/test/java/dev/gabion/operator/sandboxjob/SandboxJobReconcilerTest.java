// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import org.junit.jupiter.api.Test;

class SandboxJobReconcilerTest {
    @Test
    void whatFailsIsTriedAgainForEverAtMostHalfAMinuteApart() {
        GenericRetry retry = new GenericRetry();
        retry.initFrom(SandboxJobReconciler.class.getAnnotation(GradualRetry.class));
        var execution = retry.initExecution();

        for (int i = 0; i < 1000; i++) {
            assertThat(execution.isLastAttempt()).isFalse();
            assertThat(execution.nextDelay())
                    .hasValueSatisfying(delay -> assertThat(delay).isBetween(500L, 30_000L));
        }
    }
}
