// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.mvcc;

import dev.gabion.kv.proto.KeyValue;
import java.util.List;

/**
 * Keys of a range in order, at most as many as were asked for.
 *
 * @param count how many there are in the whole range
 * @param revision the newest revision at the time of reading, whichever was asked for
 */
public record RangeResult(List<KeyValue> kvs, long count, long revision) {}
