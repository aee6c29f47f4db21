// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e.harness;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The chart as a release on the cluster, the way docs/install.md says it. */
public final class Release {
    /** The operator's patience with images and nodes, shortened: the scenarios wait for its end. */
    private static final List<String> PATIENCE =
            List.of("operator.imageDeadlineSeconds=15", "operator.nodeLostSeconds=15");

    private Release() {}

    /** Installs the chart of this source tree, or upgrades to it, with new pods; returns when operator and profiles are ready. */
    public static void install(TestCluster cluster) {
        boolean before = cluster.tryKubectl("get", "deployment", "gabion-operator", "-n", TestCluster.SYSTEM)
                        .exitCode()
                == 0;
        upgrade(cluster);
        if (before) {
            // The images of a source tree keep their tag: pods of an earlier run hold older ones.
            restart(cluster);
        }
    }

    /** The definitions and the chart of this source tree, with these values; returns when operator and profiles are ready. */
    public static void upgrade(TestCluster cluster, String... values) {
        cluster.kubectl(
                "apply",
                "--server-side",
                "--force-conflicts",
                "-f",
                TestCluster.source("crds").toString());
        List<String> command = new ArrayList<>(List.of(
                "upgrade",
                TestCluster.RELEASE,
                TestCluster.source("deploy", "helm", "gabion").toString(),
                "--install",
                "--namespace",
                TestCluster.SYSTEM,
                "--create-namespace",
                "--wait",
                "--timeout",
                "4m"));
        List<String> settings = new ArrayList<>(PATIENCE);
        settings.addAll(List.of(values));
        for (String value : settings) {
            command.add("--set");
            command.add(value);
        }
        cluster.helm(command.toArray(String[]::new));
    }

    /** New pods of all that the chart runs; returns when they are ready. */
    public static void restart(TestCluster cluster) {
        for (String workload : List.of("deployment/gabion-operator", "daemonset/gabion-profiles")) {
            cluster.kubectl("rollout", "restart", workload, "-n", TestCluster.SYSTEM);
        }
        for (String workload : List.of("deployment/gabion-operator", "daemonset/gabion-profiles")) {
            cluster.kubectl("rollout", "status", workload, "-n", TestCluster.SYSTEM, "--timeout=150s");
        }
    }

    /** Takes the release away; the custom resource definitions and the jobs outside the chart's namespace stay. */
    public static void uninstall(TestCluster cluster, Duration limit) {
        cluster.helm(
                "uninstall",
                TestCluster.RELEASE,
                "--namespace",
                TestCluster.SYSTEM,
                "--wait",
                "--timeout",
                limit.toSeconds() + "s");
    }
}
