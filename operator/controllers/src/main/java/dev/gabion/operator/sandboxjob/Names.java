// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Names of what belongs to a job: the same for the same job and attempt, so that making it twice makes it once. */
final class Names {

    /** Longest DNS label, and longest value of a label. */
    private static final int LABEL = 63;

    /** Longest name of most objects. */
    private static final int NAME = 253;

    private static final int HASH = 5;

    private Names() {}

    /**
     * The pod of an attempt, and its plan. Carries a hash of the uid: a job that was deleted and made anew under its old
     * name never meets the old one's pods.
     */
    static String attempt(String job, String uid, int attempt) {
        String suffix = "-" + hash(uid) + "-" + attempt;
        int room = LABEL - suffix.length();
        // A dot is allowed in a resource's name, not in a pod's host name.
        String head = job.replace('.', '-');
        return (head.length() <= room ? head : trim(head.substring(0, room))) + suffix;
    }

    /** The ConfigMap with what the status has no room for. */
    static String result(String job) {
        return fit(job, NAME - "-result".length()) + "-result";
    }

    /** The job's name as the value of a label. */
    static String label(String job) {
        return fit(job, LABEL);
    }

    private static String fit(String text, int room) {
        return text.length() <= room ? text : trim(text.substring(0, room - HASH - 1)) + "-" + hash(text);
    }

    private static String trim(String text) {
        int end = text.length();
        while (end > 0 && !Character.isLetterOrDigit(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, HASH);
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
