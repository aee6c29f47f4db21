// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/** What a person sees: escapes, tables, the progress line. */
@NullMarked
package dev.gabion.cli.terminal;

import org.jspecify.annotations.NullMarked;
