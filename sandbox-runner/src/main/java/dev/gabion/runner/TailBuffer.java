// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

/** The last bytes of a stream, in a ring of fixed size. */
final class TailBuffer {
    private final byte[] ring;
    private long total;

    TailBuffer(int size) {
        this.ring = new byte[size];
    }

    synchronized void append(byte[] bytes, int offset, int length) {
        int from = Math.max(0, length - ring.length);
        for (int i = from; i < length; i++) {
            ring[(int) ((total + i) % ring.length)] = bytes[offset + i];
        }
        total += length;
    }

    /** Bytes that ever came. */
    synchronized long total() {
        return total;
    }

    synchronized byte[] bytes() {
        int length = (int) Math.min(total, ring.length);
        byte[] copy = new byte[length];
        for (int i = 0; i < length; i++) {
            copy[i] = ring[(int) ((total - length + i) % ring.length)];
        }
        return copy;
    }
}
