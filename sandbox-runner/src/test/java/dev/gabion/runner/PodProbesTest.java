// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.runner.RealPodProbes.Outcome;
import dev.gabion.runner.RealPodProbes.Reach;
import dev.gabion.runner.RealPodProbes.Timed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PodProbesTest {
    private final Path root;

    PodProbesTest(@TempDir Path root) {
        this.root = root;
    }

    static Stream<Arguments> networkPolicy() {
        return Stream.of(
                Arguments.of(Outcome.REACHED, Outcome.SILENT, Outcome.REACHED, ControlState.NotEnforced),
                Arguments.of(Outcome.SILENT, Outcome.REACHED, Outcome.SILENT, ControlState.NotEnforced),
                Arguments.of(Outcome.SILENT, Outcome.SILENT, Outcome.REACHED, ControlState.Enforced),
                // A refusal may come from a closed port of a machine that packets do reach: no proof either way.
                Arguments.of(Outcome.REFUSED, Outcome.REFUSED, Outcome.REFUSED, ControlState.Unknown),
                Arguments.of(Outcome.REFUSED, Outcome.REFUSED, Outcome.REACHED, ControlState.Unknown),
                Arguments.of(Outcome.REFUSED, Outcome.UNKNOWN_TARGET, Outcome.REACHED, ControlState.Unknown),
                Arguments.of(Outcome.REFUSED, Outcome.REACHED, Outcome.REACHED, ControlState.NotEnforced),
                Arguments.of(Outcome.REFUSED, Outcome.SILENT, Outcome.REACHED, ControlState.Enforced),
                Arguments.of(Outcome.SILENT, Outcome.UNKNOWN_TARGET, Outcome.REFUSED, ControlState.Enforced),
                Arguments.of(Outcome.SILENT, Outcome.SILENT, Outcome.SILENT, ControlState.Unknown),
                Arguments.of(Outcome.SILENT, Outcome.SILENT, Outcome.UNKNOWN_TARGET, ControlState.Unknown),
                Arguments.of(Outcome.UNKNOWN_TARGET, Outcome.UNKNOWN_TARGET, Outcome.REACHED, ControlState.Unknown));
    }

    /**
     * Silence proves a policy only while the node answers: a drop looks like an outage. For the node a refusal is an
     * answer: packets went there and back.
     */
    @ParameterizedTest
    @MethodSource("networkPolicy")
    void silenceCountsOnlyBesideAPositiveControl(Outcome api, Outcome dns, Outcome node, ControlState expected) {
        Control control =
                RealPodProbes.networkPolicy(new Reach(api, "api"), new Reach(dns, "dns"), new Reach(node, "node"));

        assertThat(control.state()).isEqualTo(expected);
        assertThat(control.evidence()).isNotBlank();
    }

    /** On a busy machine an answer can come too late; that is no proof of a policy. */
    @Test
    void silenceIsAskedAboutAgainWhereTheNodeItselfIsSlow() {
        Reach silent = new Reach(Outcome.SILENT, "silent");
        Reach reached = new Reach(Outcome.REACHED, "answers");

        assertThat(RealPodProbes.silenceMayBeSlowness(silent, silent, new Timed(reached, 200)))
                .isTrue();
        assertThat(RealPodProbes.silenceMayBeSlowness(silent, reached, new Timed(reached, 200)))
                .isTrue();
        assertThat(RealPodProbes.silenceMayBeSlowness(silent, silent, new Timed(reached, 5)))
                .isFalse();
        assertThat(RealPodProbes.silenceMayBeSlowness(reached, reached, new Timed(reached, 200)))
                .isFalse();
    }

    @Test
    void aPodAsItShouldBe() throws IOException {
        pod("Seccomp:\t2\n", "         0     655360      65536\n");

        List<Control> controls = probe(Map.of());

        assertThat(state(controls, ControlName.PodSeccomp)).isEqualTo(ControlState.Present);
        assertThat(state(controls, ControlName.UidMap)).isEqualTo(ControlState.Present);
        assertThat(state(controls, ControlName.NoServiceAccountToken)).isEqualTo(ControlState.Present);
        assertThat(state(controls, ControlName.NoApiServer)).isEqualTo(ControlState.Unknown);
    }

    /** hostUsers was dropped on the way, no profile was on the node, a token was mounted. */
    @Test
    void aPodAsItShouldNotBe() throws IOException {
        pod("Seccomp:\t0\n", "         0          0 4294967295\n");
        Files.writeString(root.resolve("token"), "secret");

        List<Control> controls = probe(Map.of());

        assertThat(state(controls, ControlName.PodSeccomp)).isEqualTo(ControlState.Absent);
        assertThat(state(controls, ControlName.UidMap)).isEqualTo(ControlState.Absent);
        assertThat(state(controls, ControlName.NoServiceAccountToken)).isEqualTo(ControlState.Absent);
        assertThat(controls)
                .noneMatch(control -> String.valueOf(control.evidence()).contains("secret"));
    }

    @Test
    void anApiServerThatAnswersMeansOpenEgress() throws IOException {
        pod("Seccomp:\t2\n", "0 1000000 65536\n");
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<Control> controls = probe(Map.of(
                    "KUBERNETES_SERVICE_HOST",
                    "127.0.0.1",
                    "KUBERNETES_SERVICE_PORT",
                    Integer.toString(server.getLocalPort())));

            assertThat(state(controls, ControlName.NoApiServer)).isEqualTo(ControlState.Absent);
            assertThat(state(controls, ControlName.NetworkPolicy)).isEqualTo(ControlState.NotEnforced);
        }
    }

    private void pod(String status, String uidMap) throws IOException {
        Files.createDirectories(root.resolve("proc/self"));
        Files.writeString(root.resolve("proc/self/status"), status);
        Files.writeString(root.resolve("proc/self/uid_map"), uidMap);
    }

    private List<Control> probe(Map<String, String> environment) {
        return new RealPodProbes(root.resolve("proc"), root.resolve("token"), root.resolve("resolv.conf"), environment)
                .probe();
    }

    private static ControlState state(List<Control> controls, ControlName name) {
        return controls.stream()
                .filter(control -> control.name() == name)
                .findFirst()
                .orElseThrow()
                .state();
    }
}
