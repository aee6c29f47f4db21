// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/**
 * Who is told what of the changes: watchers that keep pace are served from memory, the others catch up from the storage.
 */
@NullMarked
package dev.gabion.kv.watch;

import org.jspecify.annotations.NullMarked;
