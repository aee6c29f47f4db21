// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import java.util.Map;

/** Names of address families (bits/socket.h). */
final class SocketFamilies {
    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(0, "AF_UNSPEC"),
            Map.entry(1, "AF_UNIX"),
            Map.entry(2, "AF_INET"),
            Map.entry(3, "AF_AX25"),
            Map.entry(4, "AF_IPX"),
            Map.entry(5, "AF_APPLETALK"),
            Map.entry(10, "AF_INET6"),
            Map.entry(15, "AF_KEY"),
            Map.entry(16, "AF_NETLINK"),
            Map.entry(17, "AF_PACKET"),
            Map.entry(21, "AF_RDS"),
            Map.entry(29, "AF_CAN"),
            Map.entry(30, "AF_TIPC"),
            Map.entry(31, "AF_BLUETOOTH"),
            Map.entry(38, "AF_ALG"),
            Map.entry(39, "AF_NFC"),
            Map.entry(40, "AF_VSOCK"),
            Map.entry(44, "AF_XDP"));

    static String name(int family) {
        return NAMES.getOrDefault(family, "family " + family);
    }

    private SocketFamilies() {}
}
