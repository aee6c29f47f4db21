// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Keys of the lines that this thread logs until it is closed; in the JSON line they are the fields of {@code mdc}. Not
 * SLF4J's own key-value pairs: the backend knows none and writes them into the message.
 */
public final class LogKeys implements AutoCloseable {
    public static final String NAMESPACE = "namespace";
    public static final String JOB = "job";
    public static final String REASON = "reason";
    public static final String VERDICT = "verdict";
    public static final String RUNTIME = "runtime";
    public static final String ATTEMPTS = "attempts";

    /** From the first attempt's announcement to the verdict. */
    public static final String DURATION_SECONDS = "durationSeconds";

    /** Of the guest alone. */
    public static final String WALL_TIME_MILLISECONDS = "wallTimeMilliseconds";

    /** Of a replica, in leader election. */
    public static final String IDENTITY = "identity";

    public static final String LEADER = "leader";

    private final Map<String, @Nullable String> before = new HashMap<>();

    private LogKeys() {}

    /** Sets a key; one without a value is left out. */
    public static LogKeys with(String key, @Nullable Object value) {
        return new LogKeys().and(key, value);
    }

    /** Sets another. */
    public LogKeys and(String key, @Nullable Object value) {
        if (value != null) {
            before.putIfAbsent(key, MDC.get(key));
            MDC.put(key, value.toString());
        }
        return this;
    }

    /** Takes back what was set. */
    @Override
    public void close() {
        before.forEach((key, old) -> {
            if (old == null) {
                MDC.remove(key);
            } else {
                MDC.put(key, old);
            }
        });
    }
}
