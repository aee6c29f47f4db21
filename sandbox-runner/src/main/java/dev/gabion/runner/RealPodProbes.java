// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** The probes themselves; where they look is given, for tests. */
final class RealPodProbes implements PodProbes {
    private static final int PATIENT_MILLISECONDS = 1_500;
    private static final int DNS_PORT = 53;
    private static final int KUBELET_PORT = 10_250;
    /** The API server's service has no name of its own here: every pod gets these variables. */
    private static final String API_HOST = "KUBERNETES_SERVICE_HOST";

    private static final String API_PORT = "KUBERNETES_SERVICE_PORT";

    private final Path proc;
    private final Path token;
    private final Path resolvConf;
    private final Map<String, String> environment;

    RealPodProbes(Path proc, Path token, Path resolvConf, Map<String, String> environment) {
        this.proc = proc;
        this.token = token;
        this.resolvConf = resolvConf;
        this.environment = Map.copyOf(environment);
    }

    /** What came of trying to reach something. */
    record Reach(Outcome outcome, String evidence) {}

    enum Outcome {
        /** An answer came. */
        REACHED,
        /** The far side, or somebody between, said no: a closed port does so, and a policy that rejects. */
        REFUSED,
        /** Nothing came back, or there is no way there. */
        SILENT,
        /** There was nothing to try. */
        UNKNOWN_TARGET
    }

    /** How long the positive control took, the start of its thread included: the pace of this machine just now. */
    record Timed(Reach reach, long milliseconds) {}

    /**
     * On a machine under load an answer can come after the time-out. Where the node itself answers, but only after a good
     * part of it, silence of the others is asked about again, with patience. Pure.
     */
    static boolean silenceMayBeSlowness(Reach api, Reach dns, Timed node) {
        boolean silent = api.outcome == Outcome.SILENT || dns.outcome == Outcome.SILENT;
        return silent && node.milliseconds > TIMEOUT_MILLISECONDS / 4;
    }

    @Override
    public List<Control> probe() {
        long began = System.nanoTime();
        Future<Reach> api = start(() -> reachApiServer(TIMEOUT_MILLISECONDS));
        Future<Reach> dns = start(() -> reachDns(TIMEOUT_MILLISECONDS));
        Future<Timed> node = start(() -> timed(began));
        List<Control> controls = new ArrayList<>();
        controls.add(podSeccomp());
        controls.add(uidMap());
        controls.add(noToken());
        Reach apiReach = await(api);
        Reach dnsReach = await(dns);
        Timed nodeReach = awaitTimed(node);
        if (silenceMayBeSlowness(apiReach, dnsReach, nodeReach)) {
            Future<Reach> apiAgain = start(() -> reachApiServer(PATIENT_MILLISECONDS));
            Future<Reach> dnsAgain = start(() -> reachDns(PATIENT_MILLISECONDS));
            apiReach = await(apiAgain);
            dnsReach = await(dnsAgain);
        }
        controls.add(unreachable(ControlName.NoApiServer, apiReach));
        controls.add(unreachable(ControlName.NoClusterDns, dnsReach));
        controls.add(networkPolicy(apiReach, dnsReach, nodeReach.reach));
        return controls;
    }

    private Control podSeccomp() {
        try {
            for (String line : Files.readAllLines(proc.resolve("self/status"))) {
                if (line.startsWith("Seccomp:")) {
                    String mode = line.substring("Seccomp:".length()).strip();
                    return new Control(
                            ControlName.PodSeccomp,
                            mode.equals("2") ? ControlState.Present : ControlState.Absent,
                            "/proc/self/status: Seccomp: " + mode);
                }
            }
            return new Control(ControlName.PodSeccomp, ControlState.Unknown, "no Seccomp line in /proc/self/status");
        } catch (IOException e) {
            return new Control(ControlName.PodSeccomp, ControlState.Unknown, "/proc/self/status: " + e);
        }
    }

    /** The API server drops {@code hostUsers: false} silently where the feature is off: only the map tells. */
    private Control uidMap() {
        if (Root.isGvisor(proc)) {
            return new Control(
                    ControlName.UidMap,
                    ControlState.NotApplicable,
                    "gVisor: the ids are its own kernel's, the node does not see them");
        }
        try {
            List<String> lines = Files.readAllLines(proc.resolve("self/uid_map"));
            String text = String.join("; ", lines).replaceAll("\\s+", " ").strip();
            boolean identity = lines.stream().anyMatch(line -> line.strip().matches("0\\s+0\\s+\\d+"));
            return new Control(
                    ControlName.UidMap,
                    lines.isEmpty() || identity ? ControlState.Absent : ControlState.Present,
                    "uid_map: " + text);
        } catch (IOException e) {
            return new Control(ControlName.UidMap, ControlState.Unknown, "/proc/self/uid_map: " + e);
        }
    }

    private Control noToken() {
        boolean there = Files.exists(token);
        return new Control(
                ControlName.NoServiceAccountToken,
                there ? ControlState.Absent : ControlState.Present,
                there ? token + " exists" : "no " + token);
    }

    private static Control unreachable(ControlName name, Reach reach) {
        ControlState state =
                switch (reach.outcome) {
                    case REACHED -> ControlState.Absent;
                    case REFUSED, SILENT -> ControlState.Present;
                    case UNKNOWN_TARGET -> ControlState.Unknown;
                };
        return new Control(name, state, reach.evidence);
    }

    /**
     * A drop looks like an outage, so silence counts only beside a positive control: the node, which a pod may always
     * reach. A refusal proves no policy: nobody can tell from inside whether a closed port or a policy that rejects said
     * it. So at least one of the two must be silent. Pure.
     */
    static Control networkPolicy(Reach api, Reach dns, Reach node) {
        if (api.outcome == Outcome.REACHED || dns.outcome == Outcome.REACHED) {
            return new Control(
                    ControlName.NetworkPolicy,
                    ControlState.NotEnforced,
                    "egress is open: " + (api.outcome == Outcome.REACHED ? api.evidence : dns.evidence));
        }
        boolean nodeAnswers = node.outcome == Outcome.REACHED || node.outcome == Outcome.REFUSED;
        boolean apiSilent = api.outcome == Outcome.SILENT;
        boolean dnsSilent = dns.outcome == Outcome.SILENT;
        if ((apiSilent || dnsSilent) && nodeAnswers) {
            return new Control(
                    ControlName.NetworkPolicy,
                    ControlState.Enforced,
                    (apiSilent ? api : dns).evidence + ", while " + node.evidence);
        }
        String why;
        if (apiSilent || dnsSilent) {
            why = "nothing answers, the node neither: " + node.evidence;
        } else if (api.outcome == Outcome.REFUSED || dns.outcome == Outcome.REFUSED) {
            why = "a closed port refuses as a policy does: " + (api.outcome == Outcome.REFUSED ? api : dns).evidence;
        } else {
            why = "nothing to try";
        }
        return new Control(ControlName.NetworkPolicy, ControlState.Unknown, why);
    }

    private Reach reachApiServer(int timeout) {
        String host = environment.get(API_HOST);
        String port = environment.get(API_PORT);
        if (host == null || port == null) {
            return new Reach(Outcome.UNKNOWN_TARGET, API_HOST + " is not set");
        }
        return connect("API server", host, Integer.parseInt(port), timeout);
    }

    private Reach reachNode() {
        String gateway = defaultGateway();
        if (gateway == null) {
            return new Reach(Outcome.UNKNOWN_TARGET, "no default gateway");
        }
        return connect("node", gateway, KUBELET_PORT, TIMEOUT_MILLISECONDS);
    }

    private Timed timed(long began) {
        Reach reach = reachNode();
        return new Timed(reach, (System.nanoTime() - began) / 1_000_000);
    }

    private static Reach connect(String what, String host, int port, int timeout) {
        String where = what + " " + host + ":" + port;
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getByName(host), port), timeout);
            return new Reach(Outcome.REACHED, where + " answers");
        } catch (InterruptedIOException | NoRouteToHostException e) {
            return new Reach(Outcome.SILENT, where + " is silent");
        } catch (ConnectException e) {
            return new Reach(Outcome.REFUSED, where + " refuses");
        } catch (IOException e) {
            return new Reach(Outcome.SILENT, where + ": " + e.getMessage());
        }
    }

    /** Asks for the root's name servers: the smallest question that every resolver answers. */
    private Reach reachDns(int timeout) {
        String server = nameServer();
        if (server == null) {
            return new Reach(Outcome.UNKNOWN_TARGET, "no name server");
        }
        String where = "DNS " + server;
        byte[] question = HexFormat.of().parseHex("4742010000010000000000000000020001");
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(timeout);
            socket.connect(new InetSocketAddress(InetAddress.getByName(server), DNS_PORT));
            socket.send(new DatagramPacket(question, question.length));
            socket.receive(new DatagramPacket(new byte[512], 512));
            return new Reach(Outcome.REACHED, where + " answers");
        } catch (java.net.PortUnreachableException e) {
            return new Reach(Outcome.REFUSED, where + " refuses");
        } catch (IOException e) {
            return new Reach(Outcome.SILENT, where + " is silent");
        }
    }

    private @Nullable String nameServer() {
        try {
            for (String line : Files.readAllLines(resolvConf)) {
                String[] words = line.strip().split("\\s+", -1);
                if (words.length >= 2 && words[0].equals("nameserver")) {
                    return words[1];
                }
            }
        } catch (IOException e) {
            return null;
        }
        return null;
    }

    /** From /proc/net/route: destination 0, gateway in host byte order (little endian on both our architectures). */
    private @Nullable String defaultGateway() {
        try {
            for (String line : Files.readAllLines(proc.resolve("net/route"))) {
                String[] fields = line.split("\\s+", -1);
                if (fields.length > 2 && fields[1].equals("00000000") && !fields[2].equals("00000000")) {
                    byte[] bytes = HexFormat.of().parseHex(fields[2]);
                    return (bytes[3] & 0xff) + "." + (bytes[2] & 0xff) + "." + (bytes[1] & 0xff) + "."
                            + (bytes[0] & 0xff);
                }
            }
        } catch (IOException e) {
            return null;
        }
        return null;
    }

    private static <T> Future<T> start(Callable<T> probe) {
        FutureTask<T> task = new FutureTask<>(probe);
        Thread.ofPlatform().daemon().name("probe").start(task);
        return task;
    }

    private static Timed awaitTimed(Future<Timed> probe) {
        FutureTask<Reach> reach = new FutureTask<>(() -> probe.get().reach);
        reach.run();
        Reach found = await(reach);
        return new Timed(found, probe.state() == Future.State.SUCCESS ? probe.resultNow().milliseconds : 0);
    }

    private static Reach await(Future<Reach> probe) {
        try {
            return probe.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Reach(Outcome.UNKNOWN_TARGET, "interrupted");
        } catch (ExecutionException e) {
            return new Reach(Outcome.UNKNOWN_TARGET, "the probe failed: " + e.getCause());
        }
    }
}
