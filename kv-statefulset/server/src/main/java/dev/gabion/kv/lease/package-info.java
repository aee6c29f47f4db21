// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/**
 * Clocks of leases. What a lease is, and that it is gone, goes through the log; only when it is due is known here, and only
 * by the leader.
 */
@NullMarked
package dev.gabion.kv.lease;

import org.jspecify.annotations.NullMarked;
