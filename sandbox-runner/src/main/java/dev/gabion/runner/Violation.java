// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A system call that the profile makes a violation.
 *
 * @param description as a person reads it, such as {@code socket(AF_INET)}
 * @param name of the call in this machine's own table; null where it came through another or has no name here, so that no
 *     profile can allow it
 * @param arguments all six, whatever the call takes
 */
public record Violation(String description, @Nullable String name, List<Long> arguments) {
    public Violation {
        arguments = List.copyOf(arguments);
    }
}
