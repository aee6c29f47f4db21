// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e.harness;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a network that enforces a default-deny policy does to the pods of one node: the node forwards nothing they send, but still
 * answers them itself. Pods that were there before keep their connections. Undone on close.
 */
public final class NetworkCut implements AutoCloseable {
    private final TestCluster cluster;
    private final String node;
    private final List<String[]> rules = new ArrayList<>();

    /** Cuts. */
    public NetworkCut(TestCluster cluster, String node) {
        this.cluster = cluster;
        this.node = node;
        String podCidr =
                cluster.client().nodes().withName(node).require().getSpec().getPodCIDR();
        insert("FORWARD", "-s", podCidr, "-j", "DROP");
        cluster.client().pods().inAnyNamespace().withField("spec.nodeName", node).list().getItems().stream()
                .filter(pod -> !Boolean.TRUE.equals(pod.getSpec().getHostNetwork()))
                .map(pod -> pod.getStatus().getPodIP())
                .filter(address -> address != null && !address.isEmpty())
                .forEach(address -> insert("FORWARD", "-s", address, "-j", "ACCEPT"));
    }

    /** Binds a pod to the node. */
    public Map<String, String> selector() {
        return Map.of("kubernetes.io/hostname", node);
    }

    private void insert(String chain, String... rule) {
        cluster.onNode(node, iptables("-I", chain, rule));
        rules.add(iptables("-D", chain, rule));
    }

    private static String[] iptables(String action, String chain, String... rule) {
        List<String> all = new ArrayList<>(List.of("iptables", "-w", action, chain));
        all.addAll(List.of(rule));
        return all.toArray(String[]::new);
    }

    @Override
    public void close() {
        rules.reversed().forEach(rule -> cluster.onNode(node, rule));
    }
}
