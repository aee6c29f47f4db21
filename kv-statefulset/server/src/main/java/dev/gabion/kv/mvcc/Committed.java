// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.mvcc;

import java.util.List;

/** One revision and all that it changed. */
public record Committed(long revision, List<Change> changes) {
    public Committed {
        changes = List.copyOf(changes);
    }
}
