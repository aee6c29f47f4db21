// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.raft;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * What the log needs to know.
 *
 * @param directory where the log is kept
 * @param group the cluster's identity; members of another cannot talk to it
 * @param self one of the members
 * @param members all members at the beginning
 * @param electionTimeout without a word from a leader until another is sought
 */
public record RaftOptions(Path directory, UUID group, Peer self, List<Peer> members, Duration electionTimeout) {
    /** A member: its identity in the log and where it listens for the others. */
    public record Peer(String id, String host, int port) {
        String address() {
            return host + ":" + port;
        }
    }

    public RaftOptions {
        members = List.copyOf(members);
        if (!members.contains(self)) {
            throw new IllegalArgumentException(self + " is none of the members " + members);
        }
    }
}
