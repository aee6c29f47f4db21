// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.v1alpha1.UsageSample;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The details that a runner's log holds beside its verdict.
 *
 * @param result the whole result, if the log has it
 * @param guestStarted whether the runner got as far as starting the guest
 * @param series the course of the usage, thinned out to what the result store takes
 * @param stdout last bytes of standard output
 * @param stderr last bytes of standard error
 * @param files kept files that came whole, by path
 * @param missing what could not be read and why; null: nothing is missing
 */
@SuppressWarnings("ArrayRecordComponent") // is read once, never compared
record RunnerOutput(
        @Nullable SandboxResult result,
        boolean guestStarted,
        List<UsageSample> series,
        byte @Nullable [] stdout,
        byte @Nullable [] stderr,
        Map<String, byte[]> files,
        @Nullable String missing) {

    /** Nothing could be read. */
    static RunnerOutput unavailable(String why) {
        return new RunnerOutput(null, false, List.of(), null, null, Map.of(), why);
    }
}
