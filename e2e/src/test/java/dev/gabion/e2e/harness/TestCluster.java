// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e.harness;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The kind cluster of the harness and the tools that speak to it. The cluster is not made here: make cluster-up. */
public final class TestCluster implements AutoCloseable {
    /** Namespace of the release. */
    public static final String SYSTEM = "gabion-system";

    /** The namespace that the chart makes ready for jobs. */
    public static final String JOBS = "gabion-jobs";

    /** The release. */
    public static final String RELEASE = "gabion";

    private static final Path HOME = home();
    private static final Path ROOT = root();

    private final Config config;
    private final KubernetesClient client;

    /** Connects; fails with what to do if there is no cluster. */
    public TestCluster() {
        Path kubeconfig = HOME.resolve("kubeconfig");
        if (!Files.isReadable(kubeconfig)) {
            throw new AssertionError(kubeconfig + " is missing; bring the cluster up with: make cluster-up");
        }
        config = Config.fromKubeconfig(kubeconfig.toFile());
        client = new KubernetesClientBuilder().withConfig(config).build();
    }

    private static Path home() {
        String given = System.getenv("GABION_HOME");
        return given == null || given.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache", "gabion")
                : Path.of(given);
    }

    private static Path root() {
        String given = System.getProperty("gabion.root");
        if (given == null) {
            throw new AssertionError(
                    "the system property gabion.root is not set: run the tests by Maven or make test-e2e");
        }
        return Path.of(given);
    }

    /** A file of the source tree. */
    public static Path source(String first, String... more) {
        return ROOT.resolve(Path.of(first, more));
    }

    /** A client with the rights of the cluster's administrator. */
    public KubernetesClient client() {
        return client;
    }

    /** The same with connections of its own: the end of a long stream can close one that others use. The caller closes it. */
    public KubernetesClient clientOfItsOwn() {
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    /** A client with a user's rights and no more. The caller closes it. */
    public KubernetesClient clientOf(String user) {
        Config impersonated = new ConfigBuilder(config)
                .withImpersonateUsername(user)
                .withImpersonateGroups("system:authenticated")
                .build();
        return new KubernetesClientBuilder().withConfig(impersonated).build();
    }

    /** kubectl, which must succeed. */
    public String kubectl(String... arguments) {
        return Shell.check(Duration.ofMinutes(3), kubectlCommand(arguments));
    }

    /** kubectl, whatever comes of it. */
    public Shell.Result tryKubectl(String... arguments) {
        return Shell.run(Duration.ofMinutes(3), kubectlCommand(arguments));
    }

    private static List<String> kubectlCommand(String... arguments) {
        return command(
                tool("kubectl"),
                List.of("--kubeconfig", HOME.resolve("kubeconfig").toString()),
                arguments);
    }

    /** helm, which must succeed. */
    public String helm(String... arguments) {
        return Shell.check(Duration.ofMinutes(6), helmCommand(arguments));
    }

    /** helm, whatever comes of it. */
    public Shell.Result tryHelm(String... arguments) {
        return Shell.run(Duration.ofMinutes(6), helmCommand(arguments));
    }

    private static List<String> helmCommand(String... arguments) {
        return command(
                tool("helm"), List.of("--kubeconfig", HOME.resolve("kubeconfig").toString()), arguments);
    }

    /** A program inside a node, as its root, which must succeed. */
    public String onNode(String node, String... arguments) {
        return Shell.check(Duration.ofMinutes(2), command("docker", List.of("exec", node), arguments));
    }

    private static List<String> command(String program, List<String> first, String... arguments) {
        List<String> all = new ArrayList<>();
        all.add(program);
        all.addAll(first);
        all.addAll(List.of(arguments));
        return all;
    }

    private static String tool(String name) {
        Path own = HOME.resolve("bin").resolve(name);
        if (Files.isExecutable(own)) {
            return own.toString();
        }
        throw new AssertionError(own + " is missing; get it with: make cluster-tools");
    }

    /** Names of the nodes that take jobs. */
    public List<String> workers() {
        return client.nodes().withoutLabel("node-role.kubernetes.io/control-plane").list().getItems().stream()
                .map(node -> node.getMetadata().getName())
                .sorted()
                .toList();
    }

    /** Whether the node says of itself that it is ready. */
    public static boolean isReady(Node node) {
        return node.getStatus().getConditions().stream()
                .anyMatch(condition -> condition.getType().equals("Ready")
                        && condition.getStatus().equals("True"));
    }

    /** The operator's pods. */
    public List<Pod> operatorPods() {
        return client.pods()
                .inNamespace(SYSTEM)
                .withLabel("app.kubernetes.io/component", "operator")
                .list()
                .getItems();
    }

    /** Name of the operator's pod that leads. */
    public String leader() {
        List<Lease> leases = client.leases().inNamespace(SYSTEM).list().getItems();
        return leases.stream()
                .map(lease -> lease.getSpec().getHolderIdentity())
                .filter(holder -> holder != null && holder.startsWith("gabion-operator-"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("nobody leads: " + leases));
    }

    /** The operator's image; there is a busybox in it. */
    public String operatorImage() {
        return client.apps()
                .deployments()
                .inNamespace(SYSTEM)
                .withName("gabion-operator")
                .require()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getImage();
    }

    /** Whether this cluster's network is the harness's own, which enforces no NetworkPolicy; kind's own does. */
    public boolean ignoresNetworkPolicies() {
        return client.apps()
                        .daemonSets()
                        .inNamespace("kube-system")
                        .withName("kindnet")
                        .get()
                == null;
    }

    @Override
    public void close() {
        client.close();
    }
}
