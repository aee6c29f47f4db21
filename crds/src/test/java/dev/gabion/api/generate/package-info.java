// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/** Everything under version control that is generated from the Java types: written by {@code make crds}, checked by the build. */
@NullMarked
package dev.gabion.api.generate;

import org.jspecify.annotations.NullMarked;
