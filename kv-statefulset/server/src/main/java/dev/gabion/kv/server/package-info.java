// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/**
 * One process: flags, wiring, the port with its HTTP side, start and orderly end.
 */
@NullMarked
package dev.gabion.kv.server;

import org.jspecify.annotations.NullMarked;
