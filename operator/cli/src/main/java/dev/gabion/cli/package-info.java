// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/**
 * The command line {@code gabion}: what is started, which command is meant, with which code it ends. Each command has a
 * package of its own; only the one that is asked for is loaded, because the start of the JVM is what a user waits for.
 */
@NullMarked
package dev.gabion.cli;

import org.jspecify.annotations.NullMarked;
