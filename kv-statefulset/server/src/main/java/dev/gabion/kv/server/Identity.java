// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.kv.server;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** The numbers of a cluster that is made from a list of members: every member comes to the same without asking. */
record Identity(long cluster, UUID group, Map<String, Long> members) {
    static Identity of(Map<String, URI> members, String token) {
        Map<String, Long> ids = new TreeMap<>();
        members.forEach((name, url) -> ids.put(name, number(hash(url + token))));
        ByteBuffer all = ByteBuffer.allocate(8 * ids.size());
        ids.values().stream().sorted(Long::compareUnsigned).forEach(all::putLong);
        byte[] cluster = hash(all.array());
        ByteBuffer bytes = ByteBuffer.wrap(cluster);
        return new Identity(number(cluster), new UUID(bytes.getLong(), bytes.getLong()), ids);
    }

    long member(String name) {
        Long id = members.get(name);
        if (id == null) {
            throw new IllegalArgumentException(name + " is none of " + members.keySet());
        }
        return id;
    }

    static String text(long id) {
        return Long.toHexString(id);
    }

    private static byte[] hash(String text) {
        return hash(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] hash(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long number(byte[] hash) {
        return ByteBuffer.wrap(hash).getLong();
    }
}
