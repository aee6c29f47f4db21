// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/**
 * Revisions: what was stored when, and reading it at any revision that is not compacted.
 * {@link dev.gabion.kv.mvcc.Backend} is the only door to a storage engine; what it holds is described at
 * {@link dev.gabion.kv.mvcc.Layout}. Nothing here knows the log, leases' clocks or the API's services.
 */
@NullMarked
package dev.gabion.kv.mvcc;

import org.jspecify.annotations.NullMarked;
