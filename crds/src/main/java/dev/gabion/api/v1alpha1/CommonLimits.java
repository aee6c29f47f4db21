// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/** The limits that run and compile step both have. Null: not given. */
public sealed interface CommonLimits permits Limits, CompileLimits {
    @Nullable
    Long cpuTimeMilliseconds();

    @Nullable
    Long wallTimeMilliseconds();

    @Nullable
    Quantity memory();

    @Nullable
    Integer processes();

    @Nullable
    Integer openFiles();

    @Nullable
    Long outputBytes();

    @Nullable
    Quantity fileSize();
}
