// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors

/**
 * The operator's process: its entry point, its settings, leadership, health and metrics. What it does for a resource
 * lives in that resource's package.
 */
@NullMarked
package dev.gabion.operator;

import org.jspecify.annotations.NullMarked;
