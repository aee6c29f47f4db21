// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e.harness;

import io.fabric8.kubernetes.api.model.Pod;

/** The runner of a pod as its node sees it: a process in a memory cgroup. */
public final class RunnerProcess {
    private final TestCluster cluster;
    private final String node;

    /** Shell words that go through the runner's processes as $p. */
    private final String each;

    /** Finds it by the pod's uid in the names of the cgroups. */
    public RunnerProcess(TestCluster cluster, Pod pod) {
        this.cluster = cluster;
        this.node = pod.getSpec().getNodeName();
        this.each = "for p in $(grep -lE 'pod" + pod.getMetadata().getUid().replace("-", "[-_]")
                + "' /proc/[0-9]*/cgroup | cut -d/ -f3); do"
                + " case $(tr '\\0' ' ' < /proc/$p/cmdline) in *runner*) %s;; esac; done";
    }

    /** Kills it, without a word. */
    public void kill() {
        onNode(each.formatted("kill -KILL $p"));
    }

    /**
     * Stops it, so that it cannot act first, and takes, inside the container's memory cgroup, more than that may have. The one who
     * takes has the lowest score of all in there: the kernel ends the guest, then the runner. Works on cgroup v1 and v2.
     */
    public void fillMemory() {
        onNode(
                each.formatted(
                                "kill -STOP $p; cgroup=$(sed -n 's|^[0-9]*:memory:|/sys/fs/cgroup/memory|p' /proc/$p/cgroup);"
                                        + " [ -n \"$cgroup\" ] || cgroup=/sys/fs/cgroup$(sed -n 's|^0::||p' /proc/$p/cgroup)")
                        + "; [ -w \"$cgroup/cgroup.procs\" ] || { echo \"no memory cgroup: $cgroup\"; exit 1; }"
                        + "; sh -c 'echo $$ > '\"$cgroup\"'/cgroup.procs && exec dd if=/dev/zero of=/dev/null bs=2000M count=1' || true");
    }

    private void onNode(String script) {
        cluster.onNode(node, "sh", "-c", script);
    }
}
