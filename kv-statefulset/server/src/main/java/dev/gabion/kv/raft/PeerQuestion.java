// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.raft;

import java.util.Arrays;

/** What one member asks another between the entries of the log. The number travels; never change one. */
public enum PeerQuestion {
    /** In which term are you? Eight bytes. */
    TERM(0),
    /** Keep this lease. Only the leader knows its clock. */
    KEEP_LEASE(1),
    /** How long does this lease live yet? */
    LEASE_LEFT(2);

    static final byte[] NOTHING = {};

    private final byte number;

    PeerQuestion(int number) {
        this.number = (byte) number;
    }

    byte[] write(byte[] content) {
        byte[] question = new byte[1 + content.length];
        question[0] = number;
        System.arraycopy(content, 0, question, 1, content.length);
        return question;
    }

    static PeerQuestion kind(byte[] question) {
        for (PeerQuestion kind : values()) {
            if (question.length > 0 && kind.number == question[0]) {
                return kind;
            }
        }
        throw new IllegalArgumentException("a question of a kind that this version does not know");
    }

    static byte[] content(byte[] question) {
        return Arrays.copyOfRange(question, 1, question.length);
    }
}
