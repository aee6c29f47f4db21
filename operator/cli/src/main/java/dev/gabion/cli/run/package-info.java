// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/** {@code gabion run}: one job on this machine, in the isolation a cluster would give it. */
@NullMarked
package dev.gabion.cli.run;

import org.jspecify.annotations.NullMarked;
