// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/** Scenarios on a real cluster: what only a cluster can show. One class per subject; docs/e2e-scenarios.md lists them all. */
@NullMarked
package dev.gabion.e2e;

import org.jspecify.annotations.NullMarked;
