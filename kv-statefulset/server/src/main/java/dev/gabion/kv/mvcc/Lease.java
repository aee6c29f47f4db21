// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.mvcc;

import java.nio.ByteBuffer;

/**
 * A lease as the log knows it: no clock.
 *
 * @param ttl seconds that it lives without being kept
 * @param remaining seconds that were left of it at the last checkpoint; 0 when there was none
 */
public record Lease(long id, long ttl, long remaining) {
    byte[] encode() {
        return ByteBuffer.allocate(16).putLong(ttl).putLong(remaining).array();
    }

    static Lease decode(byte[] key, byte[] value) {
        ByteBuffer b = ByteBuffer.wrap(value);
        return new Lease(ByteBuffer.wrap(key).getLong(), b.getLong(), b.getLong());
    }
}
