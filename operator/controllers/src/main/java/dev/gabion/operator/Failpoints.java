// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Places between two steps that are not one: a test makes the operator die exactly there, and shows that the next one
 * finishes the work. Set by {@code GABION_FAILPOINTS=name=halt[,name=halt]}; unset, a failpoint does nothing.
 */
public final class Failpoints {

    /** The status announces an attempt whose pod does not exist yet. */
    public static final String ATTEMPT_ANNOUNCED = "attempt-announced";

    /** The attempt's plan exists, its pod does not. */
    public static final String PLAN_WRITTEN = "plan-written";

    /** The pod exists; nothing has been noted about it. */
    public static final String POD_CREATED = "pod-created";

    /** The status says that the runner is being ended, its pod is untouched. */
    public static final String STOP_ANNOUNCED = "stop-announced";

    /** The result is stored, the verdict is not in the status. */
    public static final String RESULT_STORED = "result-stored";

    /** The verdict is in the status, the pod still carries the finalizer. */
    public static final String VERDICT_WRITTEN = "verdict-written";

    /** The status says that the attempt failed, its pod still exists. */
    public static final String ATTEMPT_FAILED_WRITTEN = "attempt-failed-written";

    /** The failed attempt's pod is deleted, and still carries the finalizer. */
    public static final String POD_DELETED = "pod-deleted";

    /** Every failpoint there is. */
    public static final Set<String> ALL = Set.of(
            ATTEMPT_ANNOUNCED,
            PLAN_WRITTEN,
            POD_CREATED,
            STOP_ANNOUNCED,
            RESULT_STORED,
            VERDICT_WRITTEN,
            ATTEMPT_FAILED_WRITTEN,
            POD_DELETED);

    private final Map<String, Runnable> armed;

    private Failpoints(Map<String, Runnable> armed) {
        this.armed = Map.copyOf(armed);
    }

    /** No failpoint armed. */
    public static Failpoints none() {
        return new Failpoints(Map.of());
    }

    /** One failpoint that runs {@code action}; for tests in the same process. */
    public static Failpoints at(String name, Runnable action) {
        if (!ALL.contains(name)) {
            throw new IllegalArgumentException(unknown(name));
        }
        return new Failpoints(Map.of(name, action));
    }

    /**
     * Reads {@code name=halt[,name=halt]}.
     *
     * @throws IllegalArgumentException naming the part that is wrong and what is allowed
     */
    public static Failpoints parse(String text) {
        if (text.isBlank()) {
            return none();
        }
        return new Failpoints(Arrays.stream(text.split(","))
                .map(String::strip)
                .map(entry -> entry.split("=", 2))
                .collect(Collectors.toMap(
                        parts -> name(parts),
                        parts -> () -> Runtime.getRuntime().halt(137))));
    }

    private static String name(String[] parts) {
        if (!ALL.contains(parts[0])) {
            throw new IllegalArgumentException(unknown(parts[0]));
        }
        if (parts.length != 2 || !parts[1].equals("halt")) {
            throw new IllegalArgumentException(
                    "GABION_FAILPOINTS: %s: the only action is halt (write %s=halt)".formatted(parts[0], parts[0]));
        }
        return parts[0];
    }

    private static String unknown(String name) {
        return "GABION_FAILPOINTS: no failpoint is called '%s'; there are: %s"
                .formatted(name, ALL.stream().sorted().collect(Collectors.joining(", ")));
    }

    /** Does here what was asked for, if anything was. */
    public void hit(String name) {
        Runnable action = armed.get(name);
        if (action != null) {
            action.run();
        }
    }
}
