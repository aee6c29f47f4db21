// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.operator.sandboxjob.ObjectMetadata.Found;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The Pod Security level that namespaces enforce. Not watched: it is asked for when an attempt may begin, and known for a
 * moment, so that a long queue does not ask for each of its jobs.
 */
final class Namespaces {
    private final ObjectMetadata metadata;
    private final Clock clock;
    private final Duration fresh;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    Namespaces(ObjectMetadata metadata, Clock clock, Duration fresh) {
        this.metadata = metadata;
        this.clock = clock;
        this.fresh = fresh;
    }

    private record Known(PodSecurity level, Instant until) {}

    PodSecurity podSecurity(String namespace) {
        Instant now = clock.instant();
        known.values().removeIf(entry -> !now.isBefore(entry.until()));
        return known.computeIfAbsent(namespace, name -> new Known(ask(name), now.plus(fresh)))
                .level();
    }

    private PodSecurity ask(String namespace) {
        Found found = metadata.get("namespaces/" + namespace);
        return found.code() == 200
                ? new PodSecurity.Enforced(namespace, found.labels().getOrDefault(PodSecurity.LABEL, ""))
                : new PodSecurity.Unreadable(namespace);
    }
}
