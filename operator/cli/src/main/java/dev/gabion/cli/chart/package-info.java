// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/** Charts of what a guest used. */
@NullMarked
package dev.gabion.cli.chart;

import org.jspecify.annotations.NullMarked;
