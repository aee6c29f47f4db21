// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/** {@code gabion profile}: the guest's system-call profiles, shown, checked and learned. */
@NullMarked
package dev.gabion.cli.profile;

import org.jspecify.annotations.NullMarked;
