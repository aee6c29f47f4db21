// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/** The runtimes Gabion ships, as YAML beside this package's classes, for the chart and for runs without a cluster. */
@NullMarked
package dev.gabion.api.runtimes;

import org.jspecify.annotations.NullMarked;
