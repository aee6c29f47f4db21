// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.mvcc;

import dev.gabion.kv.proto.KeyValue;
import org.jspecify.annotations.Nullable;

/**
 * What happened to one key at one revision.
 *
 * @param kv the key after it; of a deleted one only key and revision
 * @param previous the key before it, null when it was not there or is too long to be carried along: then
 *     {@code previousMain} (0: it was not there) and {@code previousSub} say where it is stored
 */
public record Change(boolean deleted, KeyValue kv, @Nullable KeyValue previous, long previousMain, int previousSub) {}
