// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/** {@code gabion doctor}: which layers of the isolation this machine gives, and what to change. */
@NullMarked
package dev.gabion.cli.doctor;

import org.jspecify.annotations.NullMarked;
