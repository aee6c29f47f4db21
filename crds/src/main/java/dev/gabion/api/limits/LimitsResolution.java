// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.limits;

import dev.gabion.api.v1alpha1.ResolvedLimits;
import java.util.List;

/** What resolving a job's limits came to. */
public sealed interface LimitsResolution {

    /**
     * Every limit has a value.
     *
     * @param limits the limits that apply
     */
    record Resolved(ResolvedLimits limits) implements LimitsResolution {}

    /**
     * The job cannot run with what it asks for.
     *
     * @param problems one or more, each naming its field
     */
    record Refused(List<Problem> problems) implements LimitsResolution {}

    /**
     * One thing that is wrong.
     *
     * @param field path of the field, such as {@code spec.limits.memory}
     * @param message what is wrong with it and what is allowed
     */
    record Problem(String field, String message) {
        @Override
        public String toString() {
            return field + ": " + message;
        }
    }
}
