// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.AttemptRecord;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The attempts as the status keeps them. */
final class Attempts {
    private Attempts() {}

    /** How many were announced. */
    static int begun(SandboxJobStatus status) {
        return Optional.ofNullable(status.attempts()).orElse(0);
    }

    static Optional<AttemptRecord> record(SandboxJobStatus status, int attempt) {
        return status.attemptRecords().stream()
                .filter(entry -> entry.number() == attempt)
                .findFirst();
    }

    static boolean hasEnded(SandboxJobStatus status, int attempt) {
        return record(status, attempt).map(AttemptRecord::outcome).isPresent();
    }

    static String outcome(SandboxJobStatus status, int attempt) {
        return record(status, attempt)
                .map(entry -> entry.message() == null ? entry.outcome() : entry.outcome() + ": " + entry.message())
                .orElse("unknown");
    }

    static Instant endedAt(SandboxJobStatus status, int attempt) {
        return record(status, attempt)
                .map(AttemptRecord::completionTime)
                .map(Times::required)
                .orElse(Instant.EPOCH);
    }

    static @Nullable String podUid(SandboxJobStatus status, int attempt) {
        return record(status, attempt).map(AttemptRecord::podUid).orElse(null);
    }

    /** The records with one of them changed. */
    static List<AttemptRecord> with(SandboxJobStatus status, int attempt, UnaryOperator<AttemptRecord> change) {
        AttemptRecord empty = new AttemptRecord(attempt, null, null, null, null, null, null, null);
        List<AttemptRecord> records = new ArrayList<>(status.attemptRecords());
        records.removeIf(entry -> entry.number() == attempt);
        records.add(change.apply(record(status, attempt).orElse(empty)));
        return records;
    }
}
