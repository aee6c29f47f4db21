// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/**
 * The replicated log: the Ratis server, its state machine, the batcher before it and the confirmation of reads.
 * The only room that knows Ratis.
 */
@NullMarked
package dev.gabion.kv.raft;

import org.jspecify.annotations.NullMarked;
