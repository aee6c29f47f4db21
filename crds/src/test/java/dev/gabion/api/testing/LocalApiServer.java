// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.testing;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real kube-apiserver with its etcd, as two processes on loopback with their data in a temporary directory.
 *
 * <p>RBAC is on, as are the default admission plugins and OwnerReferencesPermissionEnforcement. There is no controller
 * manager, scheduler or kubelet: pods stay Pending, owner references delete nothing, a deleted namespace stays
 * Terminating, and no service account is made by itself, which is why the ServiceAccount admission plugin is off.
 *
 * <p>Both processes end with {@link #close()} and also when this JVM dies, however it dies.
 */
public final class LocalApiServer implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final int START_ATTEMPTS = 3;

    /**
     * Runs a command and kills it as soon as standard input ends, which it does when the JVM that holds the other end of
     * the pipe is gone.
     */
    private static final String TIED_TO_PARENT =
            "exec 3<&0; \"$@\" </dev/null 3<&- & child=$!; (cat <&3 >/dev/null; kill -9 $child) 2>/dev/null & exec 3<&-; wait $child";

    private static @Nullable LocalApiServer shared;

    private final Path directory;
    private final List<Process> processes = new ArrayList<>();
    private final String token;
    private final int port;

    /** Starts both processes and waits until the API server is ready. Takes about 5 s. */
    public static LocalApiServer start() {
        for (int attempt = 1; ; attempt++) {
            try {
                return new LocalApiServer();
            } catch (StartException e) {
                // A port found free may be taken by somebody else before our process binds it.
                if (attempt == START_ATTEMPTS) {
                    throw new IllegalStateException(e.getMessage(), e);
                }
            }
        }
    }

    /** One server for all tests of this JVM, started at first use, with the CRDs installed. Ends with the JVM. */
    public static synchronized LocalApiServer shared() {
        if (shared == null) {
            LocalApiServer server = start();
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop-local-api-server"));
            server.installCrds();
            shared = server;
        }
        return shared;
    }

    private LocalApiServer() throws StartException {
        Path etcd = tool("etcd");
        Path apiServer = tool("kube-apiserver");
        try {
            directory = Files.createTempDirectory(
                    "gabion-api-", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            int etcdPort = freePort();
            int peerPort = freePort();
            port = freePort();
            token = randomToken();
            writeCredentials();
            startEtcd(etcd, etcdPort, peerPort);
            startApiServer(apiServer, etcdPort);
        } catch (IOException e) {
            close();
            throw new UncheckedIOException(e);
        }
        try {
            awaitReady();
        } catch (StartException e) {
            close();
            throw e;
        }
    }

    /** The server's address. */
    public String url() {
        return "https://127.0.0.1:" + port;
    }

    /** A client's configuration as cluster administrator, for code that builds its own client. */
    public Config adminConfig() {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl(url())
                .withCaCertFile(caFile().toString())
                .withOauthToken(token)
                .withNamespace("default")
                .withRequestRetryBackoffLimit(0)
                .build();
    }

    /** A new client as cluster administrator; the caller closes it. */
    public KubernetesClient adminClient() {
        return new KubernetesClientBuilder().withConfig(adminConfig()).build();
    }

    /** A new client as a user who has just the rights RBAC gives to the name and the groups; the caller closes it. */
    public KubernetesClient clientAs(String user, String... groups) {
        return new KubernetesClientBuilder().withConfig(configAs(user, groups)).build();
    }

    /** A new client as a service account, which need not exist; the caller closes it. */
    public KubernetesClient clientAsServiceAccount(String namespace, String name) {
        return new KubernetesClientBuilder()
                .withConfig(serviceAccountConfig(namespace, name))
                .build();
    }

    /** The configuration behind {@link #clientAsServiceAccount}. */
    public Config serviceAccountConfig(String namespace, String name) {
        return configAs(
                "system:serviceaccount:" + namespace + ":" + name,
                "system:serviceaccounts",
                "system:serviceaccounts:" + namespace,
                "system:authenticated");
    }

    private Config configAs(String user, String... groups) {
        Config config = adminConfig();
        config.setImpersonateUsername(user);
        config.setImpersonateGroups(groups);
        return config;
    }

    /** A kubeconfig of the cluster administrator, for programs that are started by a test. */
    public Path kubeconfig() {
        return directory.resolve("kubeconfig");
    }

    /** What the API server wrote, for a test that failed. */
    public Path log() {
        return directory.resolve("kube-apiserver.log");
    }

    /** Applies {@code crds/*.yaml} of the source tree and waits until they are served. */
    public void installCrds() {
        try (KubernetesClient client = adminClient();
                Stream<Path> files = Files.list(sourceRoot().resolve("crds"))) {
            List<CustomResourceDefinition> crds = files.filter(
                            file -> file.getFileName().toString().endsWith(".yaml"))
                    .sorted()
                    .map(file -> client.apiextensions()
                            .v1()
                            .customResourceDefinitions()
                            .load(file.toFile())
                            .patch(new PatchContext.Builder()
                                    .withPatchType(PatchType.SERVER_SIDE_APPLY)
                                    .withFieldManager("gabion-tests")
                                    .withForce(true)
                                    .build()))
                    .toList();
            if (crds.isEmpty()) {
                throw new IllegalStateException(sourceRoot().resolve("crds") + " holds no CRD; run: make crds");
            }
            for (CustomResourceDefinition crd : crds) {
                client.apiextensions()
                        .v1()
                        .customResourceDefinitions()
                        .withName(crd.getMetadata().getName())
                        .waitUntilCondition(LocalApiServer::isServed, 30, TimeUnit.SECONDS);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isServed(@Nullable CustomResourceDefinition crd) {
        return crd != null
                && crd.getStatus() != null
                && crd.getStatus().getConditions() != null
                && crd.getStatus().getConditions().stream()
                        .anyMatch(c -> c.getType().equals("Established")
                                && c.getStatus().equals("True"));
    }

    /** The root of the source tree: system property {@code gabion.root}, else the nearest parent with {@code crds/}. */
    public static Path sourceRoot() {
        String configured = System.getProperty("gabion.root");
        if (configured != null) {
            return Path.of(configured);
        }
        for (Path dir = Path.of("").toAbsolutePath(); dir != null; dir = dir.getParent()) {
            if (Files.isDirectory(dir.resolve("crds"))) {
                return dir;
            }
        }
        throw new IllegalStateException("the source tree was not found: set -Dgabion.root");
    }

    /**
     * A cluster tool: from the directory in system property {@code gabion.tools}, else environment GABION_TOOLS, else
     * GABION_HOME/bin, else {@code ~/.cache/gabion/bin}.
     */
    public static Path tool(String name) {
        Path dir = Optional.ofNullable(System.getProperty("gabion.tools"))
                .or(() -> Optional.ofNullable(System.getenv("GABION_TOOLS")))
                .map(Path::of)
                .or(() -> Optional.ofNullable(System.getenv("GABION_HOME"))
                        .map(home -> Path.of(home).resolve("bin")))
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache", "gabion", "bin"));
        Path tool = dir.resolve(name);
        if (!Files.isExecutable(tool)) {
            throw new IllegalStateException(tool + " is missing; run: make cluster-tools");
        }
        return tool;
    }

    private void startEtcd(Path etcd, int clientPort, int peerPort) throws IOException {
        String client = "http://127.0.0.1:" + clientPort;
        String peer = "http://127.0.0.1:" + peerPort;
        launch(
                "etcd",
                List.of(
                        etcd.toString(),
                        "--name=local",
                        "--data-dir=" + directory.resolve("etcd"),
                        "--listen-client-urls=" + client,
                        "--advertise-client-urls=" + client,
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=local=" + peer,
                        "--unsafe-no-fsync=true",
                        "--log-level=warn"));
    }

    private void startApiServer(Path apiServer, int etcdPort) throws IOException {
        launch(
                "kube-apiserver",
                List.of(
                        apiServer.toString(),
                        "--etcd-servers=http://127.0.0.1:" + etcdPort,
                        "--bind-address=127.0.0.1",
                        "--advertise-address=127.0.0.1",
                        "--secure-port=" + port,
                        "--cert-dir=" + directory.resolve("certs"),
                        "--service-account-issuer=https://gabion.test",
                        "--service-account-key-file=" + directory.resolve("sa.pub"),
                        "--service-account-signing-key-file=" + directory.resolve("sa.key"),
                        "--service-cluster-ip-range=10.255.0.0/24",
                        "--token-auth-file=" + directory.resolve("tokens.csv"),
                        "--authorization-mode=RBAC",
                        "--enable-admission-plugins=OwnerReferencesPermissionEnforcement",
                        "--disable-admission-plugins=ServiceAccount",
                        "--endpoint-reconciler-type=none",
                        "--profiling=false",
                        "--v=1"));
    }

    private void launch(String name, List<String> command) throws IOException {
        List<String> tied = new ArrayList<>(List.of("/bin/sh", "-c", TIED_TO_PARENT, name));
        tied.addAll(command);
        processes.add(new ProcessBuilder(tied)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(name + ".log").toFile())
                .start());
    }

    private void awaitReady() throws StartException {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (true) {
            for (Process process : processes) {
                if (!process.isAlive()) {
                    throw new StartException("the API server ended while it was starting:\n" + logTails());
                }
            }
            if (Files.exists(caFile()) && isReady()) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new StartException(
                        "the API server was not ready after " + START_TIMEOUT.toSeconds() + " s:\n" + logTails());
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StartException("interrupted while the API server was starting");
            }
        }
    }

    private boolean isReady() {
        try (KubernetesClient client = adminClient()) {
            return "ok".equals(client.raw("/readyz"))
                    // Made by the server itself a little after it calls itself ready.
                    && client.namespaces().withName("default").get() != null;
        } catch (RuntimeException e) {
            return false;
        }
    }

    private Path caFile() {
        return directory.resolve("certs").resolve("apiserver.crt");
    }

    private void writeCredentials() throws IOException {
        // token,user,uid,"groups": kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file
        Files.writeString(directory.resolve("tokens.csv"), token + ",admin,admin,\"system:masters\"\n");
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            var pair = generator.generateKeyPair();
            Files.writeString(
                    directory.resolve("sa.key"),
                    pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
            Files.writeString(
                    directory.resolve("sa.pub"),
                    pem("PUBLIC KEY", pair.getPublic().getEncoded()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has RSA", e);
        }
        Files.writeString(kubeconfig(), """
                apiVersion: v1
                kind: Config
                current-context: local
                contexts: [{name: local, context: {cluster: local, user: admin, namespace: default}}]
                clusters: [{name: local, cluster: {server: "%s", certificate-authority: "%s"}}]
                users: [{name: admin, user: {token: "%s"}}]
                """.formatted(url(), caFile(), token));
    }

    private static String pem(String kind, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n";
    }

    private static String randomToken() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private String logTails() {
        StringBuilder tails = new StringBuilder();
        for (String name : List.of("etcd", "kube-apiserver")) {
            try {
                List<String> lines = Files.readAllLines(directory.resolve(name + ".log"), StandardCharsets.UTF_8);
                tails.append(name).append(":\n");
                lines.subList(Math.max(0, lines.size() - 15), lines.size())
                        .forEach(line -> tails.append("  ").append(line).append('\n'));
            } catch (IOException e) {
                tails.append(name).append(": no log (").append(e.getMessage()).append(")\n");
            }
        }
        return tails.toString();
    }

    /** Stops both processes and removes their data. */
    @Override
    public void close() {
        for (Process process : processes.reversed()) {
            try {
                process.getOutputStream().close();
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (IOException e) {
                process.destroyForcibly();
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        processes.clear();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("could not remove " + directory + ": " + e.getMessage());
        }
    }

    private static final class StartException extends Exception {
        StartException(String message) {
            super(message);
        }
    }
}
