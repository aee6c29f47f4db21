// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.chart;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.Usage;
import org.jspecify.annotations.Nullable;

/**
 * The content of {@code usage.json}: what was run, what it used, what it was allowed.
 *
 * @param job the job's name, or the program's file
 * @param verdict how it ended
 * @param usage what it used, with the whole course
 * @param limits what it was allowed
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record UsageReport(
        @Nullable String job,
        @Nullable String verdict,
        Usage usage,
        @Nullable ResolvedLimits limits) {}
