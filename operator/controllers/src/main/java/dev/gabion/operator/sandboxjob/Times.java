// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Points in time as the API writes them: RFC 3339, in UTC, to the second. */
final class Times {
    private Times() {}

    static String format(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    static @Nullable Instant parse(@Nullable String text) {
        return text == null ? null : OffsetDateTime.parse(text).toInstant();
    }

    static Instant required(@Nullable String text) {
        Instant instant = parse(text);
        return instant == null ? Instant.EPOCH : instant;
    }
}
